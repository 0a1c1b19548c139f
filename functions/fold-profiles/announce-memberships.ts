import { readAccount } from '../../shared/adapters/read-account.ts';
import { isTombstone } from '../../shared/domain/erasure.ts';
import { NO_FACTS } from '../../shared/domain/facts.ts';
import type { FacetName, StoredItem } from '../../shared/domain/item.ts';
import { profileOf } from '../../shared/domain/profile.ts';
import type { Segments } from '../../shared/domain/segments/compile-segments.ts';
import {
  fencedStandings,
  judgeStandings,
  toldStandings,
} from '../../shared/domain/segments/judge-standings.ts';
import { decodeStandings } from '../../shared/domain/segments/standing.ts';
import type { Announcements } from '../../shared/ports/announcements.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';

/** Whom memberships are announced to, and which. */
export interface Announcing {
  readonly segments: Segments;
  readonly announcements: Announcements;
}

export interface AnnounceDependencies extends Announcing {
  readonly store: ProfileStore;
  readonly clock: Clock;
}

/** Somebody else has written in between so often that the next delivery may try. */
const MAX_TRIES = 12;
/** So many untold crossings are told before more are looked for: what cannot be told does not pile up. */
const MANY_UNTOLD = 32;

/**
 * Judges somebody anew once a batch of theirs is written, and tells of every segment that they have entered or left.
 *
 * No crossing is missed, whatever fails between two steps and whoever writes at the same time:
 * - all facets are read after the write, in one consistent Query: of two lanes, the later one sees the facts of both;
 * - what is found is written together with what is to be told of it, on the condition of the item's own `v`, and then all is
 *   read again: facts that came meanwhile may have been judged by somebody who had nothing to write;
 * - what stands there untold is told by whoever finds it, and taken away after that: told twice rather than not at all;
 * - a redelivery writes even what it finds as it was, so that a write of its first try that is still on its way cannot land.
 *
 * @param keys the subject of the batch, and devices that were linked in it
 * @param isRedelivered some of the records had been taken before: an earlier try may not have come to its end
 * @throws {StoreUnavailable} {@link AnnouncementsUnavailable}: it has to be tried again
 */
export async function announceMemberships(
  keys: readonly string[],
  isRedelivered: boolean,
  dependencies: AnnounceDependencies,
): Promise<void> {
  const judged = new Set<string>();
  for (const key of keys) {
    const owner = await announceOne(key, isRedelivered, dependencies);
    judged.add(key);
    // What a device does, its user does.
    if (owner !== undefined && !judged.has(owner)) {
      await announceOne(owner, isRedelivered, dependencies);
      judged.add(owner);
    }
  }
}

/** @returns the user whose device it is */
async function announceOne(
  key: string,
  isRedelivered: boolean,
  { segments, announcements, store, clock }: AnnounceDependencies,
): Promise<string | undefined> {
  let isUnsure = isRedelivered;
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const items = await store.query(key, { consistent: true });
    const { owner, exists } = profileOf(items);
    const user = owner?.isShared === false ? owner.user : undefined;
    const stored = items.find(({ item }) => item === 'membership');
    const { untold } = decodeStandings(stored);
    const now = clock.now();
    if (untold.length < MANY_UNTOLD) {
      const facts = user === undefined ? (await readAccount(key, items, store)).profile : NO_FACTS;
      const person = { key, stored, facts, isSomebodys: user !== undefined, isNew: isNew(items, now) };
      const changed = judgeStandings(person, segments, now);
      const fence = isUnsure && exists ? fencedStandings(key, stored, now) : null;
      const next = changed ?? fence;
      if (next !== null) {
        if ((await write(next, store)) === 'written') isUnsure = false;
        continue;
      }
    }
    if (stored === undefined || untold.length === 0) return user;
    await announcements.announce(key, untold);
    const isTold = (await write(toldStandings(stored, now), store)) === 'written';
    if (isTold && untold.length < MANY_UNTOLD) return user;
  }
  throw new StoreUnavailable('memberships stay contended');
}

async function write(item: StoredItem, store: ProfileStore): Promise<'written' | 'conflict'> {
  const outcome = await store.write(item);
  if (outcome === 'refused') throw new Error('the store refuses a membership item');
  return outcome;
}

const FACETS: readonly FacetName[] = ['checkout', 'orders', 'browse'];
/** How long the first events of somebody new may wait for their judgement: both lanes have come by then, and tried again. */
const NEW_FOR_MS = 3_600_000;

/** Whether all there is of somebody came just now, or since they were erased: nobody can have judged it before. */
function isNew(items: readonly StoredItem[], now: number): boolean {
  const membership = items.find(({ item }) => item === 'membership');
  if (membership !== undefined) return isTombstone(membership);
  return items
    .filter(({ item }) => FACETS.some((facet) => facet === item))
    .every(({ v, writtenAt = 0 }) => v === 1 && writtenAt > now - NEW_FOR_MS);
}
