import fc from 'fast-check';
import { subjectSample, type SampleLimits, type SubjectHistory } from '../../shared/domain/subject-sample.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import { streamEvent } from '../events.ts';

const limits: SampleLimits = { salt: '1', subjects: 3, bytes: 1_000_000 };
const keyOf = (subject: number) => `subject-${subject}`.padEnd(22, '_');
const events = new Map<number, StreamEvent>();
const eventOf = (subject: number): StreamEvent => {
  const known =
    events.get(subject) ?? streamEvent({ event: 'Coupon Applied', keys: { user: keyOf(subject) } });
  events.set(subject, known);
  return known;
};

/** Records of these subjects in this order, with sequences from 1. */
function sampled(subjects: readonly number[], changes: Partial<SampleLimits> = {}, bytes = 1) {
  const sample = subjectSample({ ...limits, ...changes });
  subjects.forEach((subject, index) =>
    sample.add(
      { lane: 'critical', incarnation: 'life', sequence: String(index + 1) },
      eventOf(subject),
      bytes,
    ),
  );
  return sample.histories();
}
const keysOf = (histories: readonly SubjectHistory[]) => histories.map(({ key }) => key).sort();
const stream = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 80, size: 'max' });

describe('a sample of subjects', () => {
  test('has all records of those that it has, as many subjects as it may', () => {
    fc.assert(
      fc.property(stream, (subjects) => {
        const histories = sampled(subjects);
        expect(histories).toHaveLength(Math.min(3, new Set(subjects).size));
        for (const { key, records } of histories) {
          const sequences = subjects.flatMap((one, index) => (keyOf(one) === key ? [String(index + 1)] : []));
          expect(records.map(({ sequence }) => sequence)).toEqual(sequences);
        }
      }),
    );
  });

  test('is the same whatever the order of the records, and another under another salt', () => {
    fc.assert(
      fc.property(stream, (subjects) => {
        expect(keysOf(sampled(subjects.toReversed()))).toEqual(keysOf(sampled(subjects)));
      }),
    );
    const all = Array.from({ length: 100 }, (_, subject) => subject);
    expect(keysOf(sampled(all, { salt: '2' }))).not.toEqual(keysOf(sampled(all)));
    const chosen = new Set(
      Array.from({ length: 500 }, (_, salt) => keysOf(sampled(all, { salt: String(salt) }))).flat(),
    );
    expect(chosen.size).toBe(100);
  });

  test('holds no more bytes than it may, and what it holds is whole all the same', () => {
    fc.assert(
      fc.property(stream, (subjects) => {
        const histories = sampled(subjects, { bytes: 20 }, 3);
        const records = histories.flatMap((history) => history.records);
        expect(records.length * 3).toBeLessThanOrEqual(20);
        for (const { key, records: own } of histories)
          expect(own).toHaveLength(subjects.filter((one) => keyOf(one) === key).length);
      }),
    );
  });

  test('forgets a subject in the lane where it was spoilt, before and after, and in no other', () => {
    const sample = subjectSample(limits);
    const add = (lane: 'critical' | 'bulk', sequence: string) =>
      sample.add({ lane, incarnation: 'life', sequence }, eventOf(1), 1);
    add('critical', '1');
    add('bulk', '1');
    sample.spoil(keyOf(1), 'critical');
    add('critical', '2');
    expect(sample.histories().map(({ lane, records }) => [lane, records.length])).toEqual([['bulk', 1]]);
  });

  test('has nothing of a subject in a lane of which it was given records of two lives: they have no order', () => {
    const sample = subjectSample(limits);
    for (const [lane, incarnation] of [
      ['critical', 'life'],
      ['bulk', 'life'],
      ['critical', 'next life'],
      ['critical', 'life'],
    ] as const)
      sample.add({ lane, incarnation, sequence: '1' }, eventOf(1), 1);
    expect(sample.histories().map(({ lane }) => lane)).toEqual(['bulk']);
  });

  test('gives records in the order of the stream, across shards that were split', () => {
    const sample = subjectSample(limits);
    for (const sequence of ['100', '20', '3'])
      sample.add({ lane: 'bulk', incarnation: 'life', sequence }, eventOf(1), 1);
    expect(sample.histories()[0]?.records.map(({ sequence }) => sequence)).toEqual(['3', '20', '100']);
  });
});
