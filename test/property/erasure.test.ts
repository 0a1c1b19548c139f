import fc from 'fast-check';
import { entomb, facetsToErase, restToErase } from '../../shared/domain/erasure.ts';
import type { ItemName, StoredItem } from '../../shared/domain/item.ts';
import { eraseLink, joinLink, linkedDeviceOf, type LinkPlace } from '../../shared/domain/links.ts';
import { mergeProfiles } from '../../shared/domain/account.ts';
import { describeProfile, type Profile } from '../../shared/domain/profile.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { shelf, USER_KEY, DEVICE_KEY, type Shelf } from '../events.ts';
import { bulkEvents, criticalEvents } from './arbitrary-events.ts';

/** What readers see, without when it was written. */
const facts = (profile: Profile) => {
  const {
    asOf: _asOf,
    lagMs: _lagMs,
    ...rest
  } = describeProfile('u:ann', profile) as Record<string, unknown>;
  return rest;
};

/** Erases a shelf as a function does that may die after any of its writes. */
function erase(subject: Shelf, erasedAt: number, diesAfter = Number.POSITIVE_INFINITY): void {
  const names: readonly ItemName[] = [...facetsToErase('user'), ...restToErase('user')];
  const stored = new Map(subject.items().map((item) => [item.item, item]));
  const tombstones = names
    .map((item) => entomb({ key: USER_KEY, item }, stored.get(item), erasedAt, 0))
    .filter((item) => item !== null);
  subject.put(tombstones.slice(0, diesAfter));
}

const lanes = [
  ['critical', criticalEvents()],
  ['bulk', bulkEvents()],
] as const;

/** When somebody is erased: at one of the events' own times, that is where it is decided. */
const withErasing = (events: fc.Arbitrary<readonly StreamEvent[]>) =>
  events.chain((all) =>
    fc.record({
      all: fc.constant(all),
      erasedAt: fc.constantFrom(...all.map(({ at }) => at), 1),
      shuffled: fc.shuffledSubarray([...all], { minLength: all.length }),
      cut: fc.nat({ max: all.length }),
      diesAfter: fc.nat({ max: 40 }),
    }),
  );

/** Events that were received when they happened, so that what came before an erasing is what happened before it. */
const prompt = (events: readonly StreamEvent[]): readonly StreamEvent[] =>
  events.map((event) => ({ ...event, receivedAt: event.at }));

describe.each(lanes)('erased stays erased, %s lane', (lane: Lane, events) => {
  const since = (all: readonly StreamEvent[], erasedAt: number): Profile => {
    const subject = shelf();
    subject.fold(
      all.filter(({ at }) => at > erasedAt),
      { lane },
    );
    return subject.profile();
  };

  test('whatever comes in whatever order after an erasing, what is known is what happened since', () => {
    fc.assert(
      fc.property(withErasing(events), ({ all, erasedAt, shuffled }) => {
        const before = all.filter(({ at }) => at <= erasedAt);
        const subject = shelf();
        subject.fold(prompt(before), { lane });
        erase(subject, erasedAt);
        subject.fold(shuffled, { lane });
        subject.fold(before, { lane });

        expect(facts(subject.profile())).toEqual(facts(since(all, erasedAt)));
      }),
    );
  });

  test('so it is when the erasing dies on the way and is begun again, with events in between', () => {
    fc.assert(
      fc.property(withErasing(events), ({ all, erasedAt, shuffled, cut, diesAfter }) => {
        const before = all.filter(({ at }) => at <= erasedAt);
        const subject = shelf();
        subject.fold(prompt(before), { lane });
        erase(subject, erasedAt, diesAfter);
        subject.fold(prompt(shuffled.filter(({ at }) => at <= erasedAt).slice(0, cut)), { lane });
        erase(subject, erasedAt);
        subject.fold(shuffled, { lane });

        expect(facts(subject.profile())).toEqual(facts(since(all, erasedAt)));
      }),
    );
  });

  test('what came in while it was under way is erased with it, and no part of it stays', () => {
    fc.assert(
      fc.property(withErasing(events), ({ all, erasedAt }) => {
        const subject = shelf();
        subject.fold(all, { lane });
        erase(subject, erasedAt);
        subject.fold(all, { lane });

        expect(facts(subject.profile())).toEqual(facts(shelf().profile()));
      }),
    );
  });

  test('merge law: two erased subjects read as one are one that was erased', () => {
    fc.assert(
      fc.property(withErasing(events), fc.infiniteStream(fc.boolean()), ({ all, erasedAt }, sides) => {
        const split = all.map((event) => [event, sides.next().value] as const);
        const side = (wanted: boolean): Profile => {
          const subject = shelf();
          erase(subject, erasedAt);
          subject.fold(
            split.flatMap(([event, where]) => (where === wanted ? [event] : [])),
            { lane },
          );
          return subject.profile();
        };

        expect(facts(mergeProfiles(side(true), side(false)))).toEqual(facts(since(all, erasedAt)));
      }),
    );
  });
});

test('a link that is erased is what is said of it since, whatever was said before or comes late', () => {
  const place: LinkPlace = { key: USER_KEY, item: `link#${DEVICE_KEY}` };
  const times = fc.array(fc.record({ at: fc.integer({ min: 1, max: 20 }), isUnlinking: fc.boolean() }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(times, times, fc.integer({ min: 1, max: 20 }), (before, after, erasedAt) => {
      const join = (
        stored: StoredItem | undefined,
        { at, isUnlinking }: { at: number; isUnlinking: boolean },
      ) =>
        joinLink(
          stored,
          place,
          { user: USER_KEY, device: DEVICE_KEY, proof: 'server', at, isUnlinking },
          0,
        ) ?? stored;
      const lastAt = (item: StoredItem | undefined) => item && linkedDeviceOf(item)?.lastAt;

      const known = before.reduce(join, undefined as StoredItem | undefined);
      const found = after.reduce(join, eraseLink(known, place, erasedAt, 0) ?? known);

      const wanted = [...before, ...after]
        .filter(({ at }) => at > erasedAt)
        .reduce(join, undefined as StoredItem | undefined);
      expect(lastAt(found)).toBe(lastAt(wanted));
    }),
  );
});
