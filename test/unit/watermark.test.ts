import fc from 'fast-check';
import {
  compareSequences,
  hasTaken,
  incarnationOf,
  positionName,
  reachAfter,
  reachOf,
  watermarkIn,
} from '../../shared/domain/watermark.ts';

const LONG = '49646986683135544286507457936321625675700192471156785154';
const life1 = (sequence: string) => ({ incarnation: 'life-1', sequence });
const life2 = (sequence: string) => ({ incarnation: 'life-2', sequence });
const life3 = (sequence: string) => ({ incarnation: 'life-3', sequence });

test('sequence numbers are compared as integers, however long they are', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 56n }),
      fc.bigInt({ min: 0n, max: 10n ** 56n }),
      (left, right) => {
        const order = left < right ? -1 : left > right ? 1 : 0;
        expect(Math.sign(compareSequences(String(left), String(right)))).toBe(order);
      },
    ),
  );
  expect(Math.sign(compareSequences('9', '10'))).toBe(-1);
  expect(compareSequences(LONG, LONG)).toBe(0);
});

describe('a facet', () => {
  test('has taken what lies at its watermark and before it, and nothing behind it', () => {
    const has = (sequence: string, position: string) =>
      hasTaken({ watermark: life1(sequence) }, life1(position));
    expect(has('10', '9')).toBe(true);
    expect(has('10', '10')).toBe(true);
    expect(has('10', '11')).toBe(false);
    expect(has(LONG, `${LONG.slice(0, -1)}5`)).toBe(false);
  });

  test('knows what it took of the former life of its stream, by the positions of that life alone', () => {
    const reach = { watermark: life2('3'), formerWatermark: life1('10') };
    const taken = [life1('10'), life1('11'), life2('3'), life2('4'), life2('10'), life3('1')];
    expect(taken.map((position) => hasTaken(reach, position))).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  test('has taken nothing of another life of the stream, nor anything before it took its first', () => {
    expect(hasTaken({ watermark: life1('10') }, life2('9'))).toBe(false);
    expect(hasTaken({}, life1('0'))).toBe(false);
    expect(hasTaken(undefined, life1('0'))).toBe(false);
  });

  test('has come to a position in each of the lives that it remembers, and in no other', () => {
    const reach = { watermark: life2('3'), formerWatermark: life1('10') };
    expect(['life-1', 'life-2', 'life-3'].map((life) => watermarkIn(reach, life))).toEqual([
      life1('10'),
      life2('3'),
      undefined,
    ]);
    expect(watermarkIn(undefined, 'life-1')).toBeUndefined();
  });

  test('moves on in the life that a record is of, and remembers the last two that it heard of', () => {
    const steps = [life1('1'), life1('2'), life2('1'), life1('3'), life2('2'), life3('1'), life2('3')];
    const reached = steps.map((_, index) => steps.slice(0, index + 1).reduce(reachAfter, {}));
    expect(reached).toStrictEqual([
      { watermark: life1('1') },
      { watermark: life1('2') },
      { watermark: life2('1'), formerWatermark: life1('2') },
      { watermark: life2('1'), formerWatermark: life1('3') },
      { watermark: life2('2'), formerWatermark: life1('3') },
      { watermark: life3('1'), formerWatermark: life2('2') },
      { watermark: life3('1'), formerWatermark: life2('3') },
    ]);
  });

  test('that takes the records of two lives in any interleaving takes each of them once', () => {
    const deliveries = fc.array(fc.record({ isOld: fc.boolean(), to: fc.nat(30), back: fc.nat(30) }));
    fc.assert(
      fc.property(deliveries, (all) => {
        let reach = {};
        const ends = { old: 0, new: 0 };
        const taken: string[] = [];
        for (const { isOld, to, back } of all) {
          const life = isOld ? 'old' : 'new';
          // A reader goes on where it is, or begins anew before that; it leaves nothing out.
          for (let at = Math.max(1, ends[life] + 1 - back); at <= to; at++) {
            const position = { incarnation: life, sequence: String(at) };
            if (hasTaken(reach, position)) continue;
            taken.push(`${life} ${at}`);
            reach = reachAfter(reach, position);
          }
          ends[life] = Math.max(ends[life], to);
        }
        const wanted = Object.entries(ends).flatMap(([life, end]) =>
          Array.from({ length: end }, (_, index) => `${life} ${index + 1}`),
        );
        expect(taken.toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });

  test('says how far it has come without saying what it does not know', () => {
    const item = { watermark: life2('3'), formerWatermark: life1('10') };
    const stored = { ...item, v: 1 };
    expect(reachOf(stored)).toStrictEqual(item);
    expect(reachOf({ watermark: life2('3') })).toStrictEqual({ watermark: life2('3') });
    expect(reachOf({})).toStrictEqual({});
  });
});

test('two names of a stream are two lives, and one name is one', () => {
  const names = ['Critical-A1', 'Critical-A2', 'Bulk-A1', ''];
  expect(new Set(names.map(incarnationOf)).size).toBe(names.length);
  expect(incarnationOf('Critical-A1')).toBe(incarnationOf('Critical-A1'));
  expect(incarnationOf('Critical-A1')).toMatch(/^[\w-]{8}$/);
});

test('a position is named by its sequence and the life of its stream', () => {
  const positions = [
    { incarnation: 'life-1', sequence: '1' },
    { incarnation: 'life-1', sequence: '2' },
    { incarnation: 'life-2', sequence: '1' },
  ];
  expect(new Set(positions.map(positionName)).size).toBe(positions.length);
});
