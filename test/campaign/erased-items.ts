import { facetsOf } from '../../shared/domain/fold.ts';
import { liveDevices } from '../../shared/domain/account.ts';
import { decodeCopy, isDeviceCopy } from '../../shared/domain/device-copy.ts';
import { facetsToErase, restToErase, type ErasedKind } from '../../shared/domain/erasure.ts';
import { ruleOf, UNLINK_EVENT, type EventRule } from '../../shared/domain/events.ts';
import { FIRST_PAGE, type FacetName, type ItemName, type StoredItem } from '../../shared/domain/item.ts';
import type { Json } from '../../shared/domain/json.ts';
import { decodeEntries } from '../../shared/domain/ledger-codec.ts';
import { isClaimPlace } from '../../shared/domain/links.ts';
import { profileOf, type Profile } from '../../shared/domain/profile.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';

const DEVICE_FACETS = facetsToErase('device');

/** An erasing that was told to be done. */
export interface Erasing {
  readonly key: string;
  readonly kind: ErasedKind;
  /** ms; as of when it was asked for last */
  readonly askedAt: number;
  /** ms; when it was last done */
  readonly doneAt: number;
}

/** "This user is on this device", or leaves it. */
interface Sighting {
  readonly user: string;
  readonly device: string;
  readonly at: number;
  readonly isParting: boolean;
}

/**
 * What is wrong in what is stored when all is delivered and all erasings are done: something from before an erasing in any item, an event
 * that is kept by half, a device that speaks for somebody it must not speak for, or for nobody and nobody else was proven on it.
 *
 * @param events also those that came late or twice
 */
export function wrongItems(
  items: readonly StoredItem[],
  erasings: readonly Erasing[],
  events: Readonly<Record<Lane, readonly StreamEvent[]>>,
): readonly string[] {
  const known = knowledgeOf(items, erasings, events.critical);
  return [
    ...withoutTombstone(known),
    ...erasings.flatMap((erasing) => tooMuchErased(known, erasing)),
    ...traces(known),
    ...ghosts(known, [...events.critical, ...events.bulk]),
    ...halves(known, events.critical),
    ...wrongOwners(known),
    ...wrongAccounts(known),
    ...leftDevices(known),
  ];
}

type Knowledge = ReturnType<typeof knowledgeOf>;

function knowledgeOf(
  items: readonly StoredItem[],
  erasings: readonly Erasing[],
  events: readonly StreamEvent[],
) {
  const subjects = new Map<string, Map<ItemName, StoredItem>>();
  for (const item of items) {
    const subject = subjects.get(item.key) ?? new Map<ItemName, StoredItem>();
    subjects.set(item.key, subject.set(item.item, item));
  }
  const sightings = events.flatMap((event): readonly Sighting[] => {
    const { keys, subject, message, at } = event;
    // What is of money alone proves nothing of a device.
    if (
      subject.kind !== 'user' ||
      keys.device === undefined ||
      !facetsOf(event, 'critical').includes('checkout')
    )
      return [];
    return [{ user: subject.key, device: keys.device, at, isParting: message.event === UNLINK_EVENT }];
  });
  const profiles = new Map<string, Profile>();
  const profile = (key: string): Profile => {
    const made = profiles.get(key) ?? profileOf([...(subjects.get(key)?.values() ?? [])]);
    profiles.set(key, made);
    return made;
  };
  return {
    items,
    erasings,
    sightings,
    users: [...new Set(sightings.map(({ user }) => user))],
    devices: [...new Set(sightings.map(({ device }) => device))],
    item: (key: string, name: ItemName) => subjects.get(key)?.get(name),
    profile,
    /** ms, −1: never; what a facet of a subject had by then is erased */
    erasedAt: (key: string, facet: FacetName) => subjects.get(key)?.get(facet)?.erasedAt ?? -1,
    askedAt: (key: string) =>
      Math.max(-1, ...erasings.filter((one) => one.key === key).map((one) => one.askedAt)),
    proven: (device: string) =>
      new Set(sightings.filter((one) => one.device === device && !one.isParting).map(({ user }) => user)),
    ofBoth: (user: string, device: string) =>
      sightings.filter((one) => one.user === user && one.device === device),
  };
}

/** Everything that an erased subject has or could have says that it was erased: else a write that was on its way could land. */
function withoutTombstone({ item, erasings, devices, erasedAt }: Knowledge): readonly string[] {
  const asked = erasings.map(({ key, kind, askedAt }) => ({ key, kind, since: askedAt }));
  const isErased = (key: string): boolean => DEVICE_FACETS.some((facet) => erasedAt(key, facet) >= 0);
  const erasedToo = devices.filter(isErased).map((key) => ({
    key,
    kind: 'device' as const,
    since: Math.min(...DEVICE_FACETS.map((facet) => erasedAt(key, facet)).filter((at) => at >= 0)),
  }));
  return [...asked, ...erasedToo].flatMap(({ key, kind, since }) =>
    [...facetsToErase(kind), ...restToErase(kind)]
      .filter((name) => !isClaimPlace(name) && (item(key, name)?.erasedAt ?? -1) < since)
      .map((name) => `${name} of an erased ${kind} does not know of it`),
  );
}

/** What comes when somebody's erasing is done is theirs again. Of a device nobody knows: late word may erase it at any time. */
function tooMuchErased({ erasedAt }: Knowledge, { key, kind, doneAt }: Erasing): readonly string[] {
  if (kind === 'device') return [];
  return facetsToErase(kind)
    .filter((facet) => erasedAt(key, facet) > doneAt)
    .map((facet) => `${facet} is erased as of later than the erasing was done`);
}

/** Times from before an erasing, wherever a subject's own items or those about its devices keep any. */
function traces({ items, askedAt, erasedAt, profile }: Knowledge): readonly string[] {
  return items.flatMap((item): readonly string[] => {
    const { key, state } = item;
    if (item.item.startsWith(FIRST_PAGE)) {
      const old = decodeEntries(JSON.parse(state) as Json).some(
        ({ at, amountAt }) => Math.max(at, amountAt) <= erasedAt(key, 'orders'),
      );
      return old ? ['a page of old orders holds what was erased'] : [];
    }
    if (item.item.startsWith('link#')) {
      const { p, f, l, x = 0 } = JSON.parse(state) as StoredLink;
      // Only the erasing itself is said to be of its own time.
      const isOld =
        [f, l].some((at) => at > 0 && at <= askedAt(key)) ||
        (x > 0 && x < askedAt(key)) ||
        (p !== 'none' && Math.max(l, x) <= askedAt(key));
      return isOld
        ? [`${isClaimPlace(item.item) ? 'a claim' : 'a link'} of somebody erased is from before: ${state}`]
        : [];
    }
    if (!isDeviceCopy(item.item) || state === '{}') return [];
    const { device, takenAt, facts } = decodeCopy(item);
    if (profile(device).owner?.isShared === true)
      return ['a copy of a shared device is left, where no erasing finds it'];
    const erased = erasedAt(device, 'checkout');
    return takenAt <= Math.max(askedAt(key), erased) || timesIn(facts).some((at) => at <= erased)
      ? ['a copy holds what was erased']
      : [];
  });
}

interface StoredLink {
  readonly p: string;
  readonly f: number;
  readonly l: number;
  readonly x?: number;
}

const TIMES = new Set(['at', 'amountAt', 'cancelledAt', 'deliveredAt', 'firstAt', 'lastAt', 'asOf']);

/** Every time in something decoded, but for those that say "none". */
function timesIn(value: unknown): readonly number[] {
  if (typeof value !== 'object' || value === null) return [];
  if (value instanceof Map) return timesIn([...value]);
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'number' ? (TIMES.has(name) && inner > 0 ? [inner] : []) : timesIn(inner),
  );
}

/** Whoever is erased and did not come back is not there, whatever became of their devices since. */
function ghosts(
  { erasings, erasedAt, profile }: Knowledge,
  events: readonly StreamEvent[],
): readonly string[] {
  return erasings
    .filter(({ kind }) => kind === 'user')
    .filter(
      ({ key }) => !events.some(({ subject, at }) => subject.key === key && at > erasedAt(key, 'checkout')),
    )
    .filter(({ key }) => profile(key).exists)
    .map(() => 'somebody erased who did not come back is there');
}

/** An event that goes into two facets and is erased from one of them. */
function halves({ erasedAt }: Knowledge, events: readonly StreamEvent[]): readonly string[] {
  return events.flatMap(({ subject, message, at }): readonly string[] => {
    const rule: EventRule = ruleOf(message);
    if (subject.kind === 'claims' || rule.orders === undefined || rule.checkout === undefined) return [];
    const [orders, checkout] = [erasedAt(subject.key, 'orders'), erasedAt(subject.key, 'checkout')];
    return at <= orders === at <= checkout
      ? []
      : [
          `${message.event} is kept by half: it is from ${at}, orders are erased as of ${orders}, checkout as of ${checkout}`,
        ];
  });
}

/** Who was proven on a device is kept for ever, and who was not is never put down. */
function wrongOwners({
  devices,
  users,
  item,
  proven,
  profile,
  ofBoth,
  askedAt,
}: Knowledge): readonly string[] {
  return devices.flatMap((device): readonly string[] => {
    const { owner } = profile(device);
    const on = proven(device);
    // Of a device that was given back nobody is to know whose it was, once that one is erased.
    const isForgotten = users.some(
      (user) => askedAt(user) >= 0 && ofBoth(user, device).some(({ isParting }) => isParting),
    );
    if (owner?.isShared === true) {
      const faults = on.size > 1 || isForgotten ? [] : ['a device is shared that nobody else was proven on'];
      return owner.untold === undefined ? faults : [...faults, 'a shared device still names its first user'];
    }
    if (on.size > 1) return [`a device is not shared that ${on.size} were proven on`];
    return owner === undefined || on.has(owner.user) || item(device, 'link') === undefined
      ? []
      : ['a device is said to be of somebody who was never there'];
  });
}

/** Which devices count for a user: those that nobody else was proven on, and the last word on them is a visit since both were erased. */
function wrongAccounts({
  erasings,
  users,
  devices,
  erasedAt,
  proven,
  profile,
  ofBoth,
  askedAt,
}: Knowledge): readonly string[] {
  return users.flatMap((user) => {
    const live = new Set(liveDevices(profile(user)).map(({ device }) => device));
    return devices.flatMap((device): readonly string[] => {
      const { owner } = profile(device);
      const counts = live.has(device) && owner?.isShared === false && owner.user === user;
      const sightings = ofBoth(user, device);
      const isAlone = [...proven(device)].every((other) => other === user);
      const latest = (isParting: boolean): number =>
        Math.max(-1, ...sightings.filter((one) => one.isParting === isParting).map(({ at }) => at));
      const [seenAt, leftAt] = [latest(false), Math.max(latest(true), erasedAt(user, 'checkout'))];
      if (counts && !isAlone) return ['a device counts for somebody that another was proven on'];
      if (counts && seenAt <= leftAt) return ['a device counts for somebody who left it or was erased since'];
      // One that is erased with its user stays theirs, if they come back.
      const isErased =
        erasings.some(({ key, kind }) => key === device && kind === 'device') &&
        erasedAt(device, 'checkout') >= seenAt;
      const wasGivenBack = askedAt(user) >= 0 && sightings.some(({ isParting }) => isParting);
      return !counts && isAlone && seenAt > leftAt && !isErased && !wasGivenBack
        ? [`a device does not count for its user, who was there at ${seenAt}, last erased as of ${leftAt}`]
        : [];
    });
  });
}

/** Whoever is erased has no device left that they were proven on before, but such as speak for nobody. */
function leftDevices({ erasings, sightings, erasedAt, profile }: Knowledge): readonly string[] {
  return erasings.flatMap(({ key, askedAt }) =>
    sightings
      .filter(({ user, at, isParting }) => user === key && at <= askedAt && !isParting)
      .filter(({ device, at }) => DEVICE_FACETS.some((facet) => erasedAt(device, facet) < at))
      .filter(({ device }) => profile(device).owner?.isShared !== true)
      .map(() => 'a device of somebody erased is not erased with them'),
  );
}
