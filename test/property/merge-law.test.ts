import fc from 'fast-check';
import { mergeProfiles } from '../../shared/domain/account.ts';
import { describeProfile, type Profile } from '../../shared/domain/profile.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { shelf } from '../events.ts';
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

const folded = (events: readonly StreamEvent[], lane: Lane): Profile => {
  const subject = shelf();
  subject.fold(events, { lane });
  return subject.profile();
};

const lanes = [
  ['critical', criticalEvents()],
  ['bulk', bulkEvents()],
] as const;

describe.each(lanes)('merge law, %s lane', (lane, events) => {
  test('merging two folds is the fold of all their events', () => {
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.boolean()), (all, sides) => {
        const split = all.map((event) => [event, sides.next().value] as const);
        const side = (wanted: boolean) =>
          split.flatMap(([event, where]) => (where === wanted ? [event] : []));
        const merged = mergeProfiles(folded(side(true), lane), folded(side(false), lane));

        expect(facts(merged)).toEqual(facts(folded(all, lane)));
      }),
    );
  });

  test('the order in which events arrive does not matter', () => {
    fc.assert(
      fc.property(
        events.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          expect(facts(folded(shuffled, lane))).toEqual(facts(folded(all, lane)));
        },
      ),
    );
  });

  test('merging is commutative, and with nothing changes nothing', () => {
    fc.assert(
      fc.property(events, events, (one, other) => {
        const [left, right] = [folded(one, lane), folded(other, lane)];

        expect(facts(mergeProfiles(left, right))).toEqual(facts(mergeProfiles(right, left)));
        expect(facts(mergeProfiles(left, folded([], lane)))).toEqual(facts(left));
      }),
    );
  });
});
