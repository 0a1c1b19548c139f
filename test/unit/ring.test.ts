import { messageMark, ringAdd, ringHas, ringHasMark, ringLength } from '../../shared/domain/ring.ts';

const EMPTY = new Uint8Array();
const filled = (count: number, capacity: number) => {
  let ring: Uint8Array = EMPTY;
  for (let index = 0; index < count; index++) ring = ringAdd(ring, `m${index}`, capacity);
  return ring;
};
const known = (ring: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, index) => index).filter((index) => ringHas(ring, `m${index}`));

describe('a ring of messages', () => {
  test('knows nothing at first', () => {
    expect(ringHas(EMPTY, '')).toBe(false);
    expect(ringHas(EMPTY, 'm0')).toBe(false);
  });

  test('says how many it holds', () => {
    expect([0, 1, 5, 9].map((count) => ringLength(filled(count, 5)))).toEqual([0, 1, 5, 5]);
  });

  test('takes six bytes a message', () => {
    expect(filled(5, 32)).toHaveLength(30);
    expect(filled(500, 32)).toHaveLength(32 * 6);
    expect(filled(500, 128)).toHaveLength(128 * 6);
  });

  test('knows exactly its newest messages', () => {
    expect(known(filled(40, 32), 45)).toEqual(Array.from({ length: 32 }, (_, index) => index + 8));
    expect(known(filled(1, 32), 5)).toEqual([0]);
    expect(known(filled(3, 1), 5)).toEqual([2]);
  });

  test('does not find a message across the border of two others', () => {
    const ring = filled(2, 32);
    const across = ring.slice(3, 9);
    expect(ringHas(ring, 'm2')).toBe(false);
    expect(ringHas(across, 'm0') || ringHas(across, 'm1')).toBe(false);
  });

  test('leaves the ring it was made of as it was', () => {
    const before = filled(32, 32);
    const copy = before.slice();
    ringAdd(before, 'another', 32);
    expect(before).toEqual(copy);
  });

  test('tells a hundred thousand messages apart', () => {
    const ring = filled(128, 128);
    const others = Array.from({ length: 100_000 }, (_, index) => `other-${index}`);
    expect(others.filter((id) => ringHas(ring, id))).toEqual([]);
  });
});

test('a message is found by its mark as by its name', () => {
  const marks = Array.from({ length: 200 }, (_, index) => messageMark(`m${index}`));
  const ring = filled(150, 100);

  for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{12}$/);
  expect(new Set(marks).size).toBe(200);
  const found = marks.flatMap((mark, index) => (ringHasMark(ring, mark) ? [index] : []));
  expect(found).toEqual(known(ring, 200));
  expect(found).toHaveLength(100);
});
