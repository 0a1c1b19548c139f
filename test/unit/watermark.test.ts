import fc from 'fast-check';
import { compareSequences, covers, incarnationOf, positionName } from '../../shared/domain/watermark.ts';

const LONG = '49646986683135544286507457936321625675700192471156785154';
const life1 = (sequence: string) => ({ incarnation: 'life-1', sequence });

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

describe('a watermark', () => {
  test('covers its own position and what lies before it, and nothing behind it', () => {
    expect(covers(life1('10'), life1('9'))).toBe(true);
    expect(covers(life1('10'), life1('10'))).toBe(true);
    expect(covers(life1('10'), life1('11'))).toBe(false);
    expect(covers(life1(LONG), life1(`${LONG.slice(0, -1)}5`))).toBe(false);
  });

  test('covers nothing of another life of the stream', () => {
    expect(covers(life1('10'), { incarnation: 'life-2', sequence: '9' })).toBe(false);
  });

  test('that does not exist yet covers nothing', () => {
    expect(covers(undefined, life1('0'))).toBe(false);
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
