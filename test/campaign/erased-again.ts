import { isDeviceCopy } from '../../shared/domain/device-copy.ts';
import { deviceIn } from '../../shared/domain/links.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { withoutPartings } from './without-partings.ts';

/**
 * What an erasing that is applied again as of the same time, as after a restore that restored nothing, has changed: nothing may
 * have been left to it, and what came since is not its own. Copies may go: they spare a reading, and are made again.
 *
 * @param alone keys of devices that were erased alone
 */
export function changedAgain(
  before: readonly StoredItem[],
  after: readonly StoredItem[],
  alone: ReadonlySet<string>,
): readonly string[] {
  const known = new Map(before.map((item) => [nameOf(item), sayingOf(item)]));
  return after.flatMap((item): readonly string[] => {
    const [was, is] = [known.get(nameOf(item)) ?? NOTHING, sayingOf(item)];
    if (was === is || isDeviceCopy(item.item) || leadsToOneOf(alone, item)) return [];
    return [`erased again, ${item.item} is ${is}, not ${was}`];
  });
}

const NOTHING = '{}';

function nameOf({ key, item }: StoredItem): string {
  return `${key} ${item}`;
}

/** What an item says, whether it was never there or is a tombstone: of a link not as of when. */
function sayingOf(stored: StoredItem): string {
  const { item, state } = withoutPartings(stored);
  if (state === '[]') return NOTHING;
  if (!item.startsWith('link#')) return state;
  const { p, f, l, s } = JSON.parse(state) as Readonly<Record<string, unknown>>;
  return l === 0 && s === undefined ? NOTHING : JSON.stringify({ p, f, l, s });
}

/**
 * Late word may link a device that was erased alone before anybody knew whose it was: that goes when it is erased again. And
 * when its user was there last is known to the day: when it is erased again, to the millisecond.
 */
function leadsToOneOf(alone: ReadonlySet<string>, { item }: StoredItem): boolean {
  return item.startsWith('link#') && alone.has(deviceIn(item));
}
