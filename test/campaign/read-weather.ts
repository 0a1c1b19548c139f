import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import type { ManualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { draw, type Random } from '../bench/ranking/seeded-random.ts';

/**
 * What becomes of one read of a decision.
 *
 * - `well`; `slow`: perhaps too late; `drip`: page by page, each in time by itself.
 * - `hole`: nothing ever comes, and half of them do not even heed their signal.
 * - `fault`, `throttled`, `missing table`: refused, sooner or later; `bug`: an error that no port tells of.
 * - `corrupt`: one item is not what the fold wrote; `oversized`: it is far more than the fold would write.
 */
export type ReadFate =
  | 'well'
  | 'slow'
  | 'drip'
  | 'hole'
  | 'fault'
  | 'throttled'
  | 'missing table'
  | 'bug'
  | 'corrupt'
  | 'oversized';

export type ReadOdds = ReadonlyMap<ReadFate, number>;

export const TROUBLES = [
  'slow',
  'drip',
  'hole',
  'fault',
  'throttled',
  'missing table',
  'bug',
  'corrupt',
  'oversized',
] as const satisfies readonly ReadFate[];

/** Nothing ever comes of these. */
export const OUTAGES: ReadonlySet<ReadFate> = new Set(['hole', 'fault', 'throttled', 'missing table', 'bug']);

/** One kind of trouble and nothing else, or nine of them in any mixture. */
export function someOdds(random: Random): ReadOdds {
  const one = TROUBLES[Math.floor(random() * TROUBLES.length)] ?? 'hole';
  if (random() < 0.5) return new Map([[one, 1]]);
  const shares = ['well' as const, ...TROUBLES].map((fate) => [fate, random()] as const);
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  return new Map(shares.map(([fate, share]) => [fate, share / sum]));
}

/** Lets one read meet its fate, in the timer's time. @param apply what it would answer */
export async function meet<Reply>(
  fate: ReadFate,
  apply: () => Promise<Reply>,
  { timer, random, signal }: { timer: ManualTimer; random: Random; signal: AbortSignal | undefined },
): Promise<Reply> {
  const between = (least: number, most: number): number => least + random() * (most - least);
  const heeding = async (ms: number): Promise<void> => {
    await timer.sleep(ms);
    if (signal?.aborted) throw new StoreUnavailable('aborted', { cause: signal.reason });
  };
  const refuse = async (least: number, most: number, error: Error): Promise<never> => {
    await timer.sleep(between(least, most));
    throw error;
  };
  switch (fate) {
    case 'well':
    case 'corrupt':
    case 'oversized':
      await timer.sleep(between(1, 6));
      return apply();
    case 'slow':
      await heeding(between(10, 150));
      return apply();
    case 'drip':
      for (let page = 0; page < 6; page++) await heeding(between(2, 30));
      return apply();
    case 'hole':
      return random() < 0.5 ? silence() : silence(signal);
    case 'fault':
      return refuse(2, 40, new StoreUnavailable('told to answer 500'));
    case 'throttled':
      return refuse(1, 4, new StoreUnavailable('told to throttle'));
    case 'missing table':
      return refuse(1, 3, new StoreUnavailable('told to know no such table'));
    case 'bug':
      return refuse(1, 3, new TypeError('told to fail as nobody foresaw'));
  }
}

function silence(signal?: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new StoreUnavailable('aborted')), { once: true });
  });
}

export function drawFate(odds: ReadOdds, random: Random): ReadFate {
  return draw(odds, random) as ReadFate;
}

const ENORMOUS = JSON.stringify({ p: 'x'.repeat(2_000_000) });
const CORRUPT = [
  (state: string) => state.slice(0, state.length / 2),
  () => '',
  () => 'null',
  () => '[]',
  () => '"p"',
  () => '{"p":5}',
  () => '{"p":[[null]],"c":{},"o":[1],"k":"x","__proto__":{"p":1}}',
  (state: string) => state.replaceAll(/\d+/g, 'null'),
  (state: string) => state.replaceAll('[', '{"a":').replaceAll(']', '}'),
] as const;

/** A subject's items after their fate: whole, or one of them not what it was. */
export function damaged(items: readonly StoredItem[], fate: ReadFate, random: Random): readonly StoredItem[] {
  if (fate !== 'corrupt' && fate !== 'oversized') return items;
  const victim = Math.floor(random() * items.length);
  const spoil = CORRUPT[Math.floor(random() * CORRUPT.length)] ?? CORRUPT[0];
  return items.map((item, index) =>
    index === victim ? { ...item, state: fate === 'oversized' ? ENORMOUS : spoil(item.state) } : item,
  );
}
