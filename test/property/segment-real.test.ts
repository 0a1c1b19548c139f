import { holds } from '../../shared/domain/segments/evaluate.ts';
import { evidenceOf, membershipOf } from '../../shared/domain/segments/membership.ts';
import { peopleIn } from '../../shared/domain/segments/people.ts';
import { foldInMemory } from '../bench/fold-in-memory.ts';
import { realEvents } from '../bench/real-events.ts';
import { SEGMENTS } from '../segments.ts';

/** Of each file; `CARTWRIGHT_LONG` lifts it. */
const EVENTS = process.env.CARTWRIGHT_LONG === undefined ? 10_000 : Number.POSITIVE_INFINITY;
const MOMENTS = 10;
const DAY = 86_400_000;

test.each(realEvents())(
  'of $name: everybody is in the segments that the plain evaluator says, at ten points in time',
  async ({ name, lines }) => {
    const { items } = await foldInMemory(lines.slice(0, EVENTS));
    const people = peopleIn(items);
    const times = people
      .flatMap(({ checkout, orders, browse }) => [
        ...orders.entries.map(({ at }) => at),
        ...browse.viewed.map(({ at }) => at),
        checkout.cart.snapshot?.at ?? 0,
      ])
      .filter((at) => at > 0);
    const first = times.reduce((least, at) => Math.min(least, at), Infinity);
    // Beyond the last event, where time alone moves people.
    const span = times.reduce((most, at) => Math.max(most, at), 0) + 400 * DAY - first;
    let memberships = 0;
    for (let moment = 1; moment <= MOMENTS; moment++) {
      const now = first + (span * moment) / MOMENTS;
      for (const person of people) {
        const found = membershipOf(person, SEGMENTS, now);
        const evidence = evidenceOf(person, SEGMENTS, now);
        const expected = [...SEGMENTS.named]
          .filter(([, { condition }]) => holds(condition, evidence))
          .map(([id]) => id);
        const stage = SEGMENTS.journey.find(({ condition }) => holds(condition, evidence))?.stage ?? null;
        memberships += expected.length;
        if (found.segments.join() !== expected.join() || found.journeyStage !== stage)
          throw new Error(
            `${name}, at ${new Date(now).toISOString()}: ${found.segments.join()} is not ${expected.join()}`,
          );
      }
    }
    process.stderr.write(
      `segments, ${name}: ${people.length.toLocaleString('en')} people at ${MOMENTS} points in time, ${memberships.toLocaleString('en')} memberships, 0 differ\n`,
    );

    expect(people.length).toBeGreaterThan(30);
    expect(memberships).toBeGreaterThan(0);
  },
  600_000,
);
