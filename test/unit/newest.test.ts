import { compareDated, newerOf, newestOf, newestWithin } from '../../shared/domain/newest.ts';

const dated = (at: number, id: string, value = '') => ({ value, at, id });
/** Its content comes first when it is written out. */
const noted = (at: number, id: string, a: string) => ({ a, at, id });

test.each([
  [dated(1, 'b'), dated(2, 'a'), -1],
  [dated(2, 'a'), dated(1, 'b'), 1],
  [dated(1, 'a'), dated(1, 'b'), -1],
  [dated(1, 'b'), dated(1, 'a'), 1],
  [dated(1, 'a', 'x'), dated(1, 'a', 'y'), 0],
])('time comes first, then the id (%j, %j)', (left, right, order) => {
  expect(Math.sign(compareDated(left, right))).toBe(order);
});

test.each([
  ['the newer', dated(1, 'b', 'old'), dated(2, 'a', 'new')],
  ['of one millisecond the later id, whatever they say', dated(1, 'a', 'z'), dated(1, 'b', 'a')],
  ['of one millisecond the later id, whatever comes before it', noted(1, 'a', 'z'), noted(1, 'b', 'a')],
  ['of one millisecond and id the same one of the two', dated(1, 'a', 'x'), dated(1, 'a', 'y')],
])('of two words, %s is the last, from either side', (_which, older, newer) => {
  expect(newerOf(older, newer)).toBe(newer);
  expect(newerOf(newer, older)).toBe(newer);
});

test('one word is the last, and of none there is none', () => {
  const one = dated(1, 'a');

  expect([newerOf(one, undefined), newerOf(undefined, one), newerOf(undefined, undefined)]).toEqual([
    one,
    one,
    undefined,
  ]);
});

describe('the newest of two sets', () => {
  const sets = [
    [dated(3, 'c'), dated(1, 'a', 'first')],
    [dated(2, 'b'), dated(1, 'd'), dated(4, 'a', 'again')],
  ] as const;

  test.each([
    [sets[0], sets[1]],
    [sets[1], sets[0]],
  ])('are in order of time, one an id, and no more than asked for', (left, right) => {
    expect(newestOf(left, right, 9)).toEqual([
      dated(1, 'd'),
      dated(2, 'b'),
      dated(3, 'c'),
      dated(4, 'a', 'again'),
    ]);
    expect(newestOf(left, right, 2)).toEqual([dated(3, 'c'), dated(4, 'a', 'again')]);
  });

  test('hold of one id the later, whatever it says and however its time is written', () => {
    const [earlier, later] = [noted(9, 'a', 'z'), noted(10, 'a', 'b')];

    expect([newestOf([earlier], [later], 2), newestOf([later], [earlier], 2)]).toEqual([[later], [later]]);
  });

  test('hold of one id and millisecond the same one, whichever is read first', () => {
    const [x, y] = [dated(1, 'a', 'x'), dated(1, 'a', 'y')];

    expect([newestOf([x], [y], 2), newestOf([y], [x], 2)]).toEqual([[y], [y]]);
  });
});

test('of the newest, those go that are older than the newest by more than is kept', () => {
  const sets = [
    [dated(10, 'a'), dated(19, 'b')],
    [dated(20, 'c'), dated(30, 'd')],
  ] as const;
  const ids = (limit: number, keptMs: number) =>
    newestWithin(sets[0], sets[1], limit, keptMs).map(({ id }) => id);

  expect(ids(9, 20)).toEqual(['a', 'b', 'c', 'd']);
  expect(ids(9, 19)).toEqual(['b', 'c', 'd']);
  expect(ids(2, 20)).toEqual(['c', 'd']);
  expect(newestWithin(sets[1], sets[0], 9, 0)).toEqual([dated(30, 'd')]);
  expect(newestWithin([], [], 9, 20)).toEqual([]);
});
