import { joinInto } from '../../shared/adapters/join-into.ts';
import type { WriteOutcome } from '../../shared/ports/profile-store.ts';

/** A place that holds a set of letters; each of `others` is quicker than one of our writes. */
function letters(stored: string | undefined, others: readonly string[] = []) {
  const left = [...others];
  const asked = { reads: 0, writes: 0 };
  let held = stored;
  return {
    asked,
    held: () => held,
    place: {
      read: () => {
        asked.reads += 1;
        return Promise.resolve(held);
      },
      write: (next: string): Promise<WriteOutcome> => {
        asked.writes += 1;
        const other = left.shift();
        if (other !== undefined) held = (held ?? '') + other;
        else if (next === 'forbidden') return Promise.resolve('refused');
        else if (asked.reads === 0 && held !== undefined) return Promise.resolve('conflict');
        else held = next;
        return Promise.resolve(other === undefined ? 'written' : 'conflict');
      },
    },
  };
}
const adding =
  (letter: string) =>
  (held: string | undefined): string | null =>
    held?.includes(letter) ? null : (held ?? '') + letter;

test('what is new is written, on top of what is read', async () => {
  const { place, held, asked } = letters('a');
  expect(await joinInto(place, adding('b'))).toEqual({ outcome: 'written', item: 'ab' });
  expect([held(), asked]).toEqual(['ab', { reads: 1, writes: 1 }]);
});

test('what is known already is not written', async () => {
  const { place, asked } = letters('ab');
  expect(await joinInto(place, adding('b'))).toEqual({ outcome: 'known', item: 'ab' });
  expect(asked).toEqual({ reads: 1, writes: 0 });
});

test('what is likely new is written unread, and joined all the same if it is not', async () => {
  const fresh = letters(undefined);
  expect(await joinInto(fresh.place, adding('b'), { isLikelyNew: true })).toMatchObject({ item: 'b' });
  expect(fresh.asked).toEqual({ reads: 0, writes: 1 });

  const { place, asked } = letters('a');
  expect(await joinInto(place, adding('b'), { isLikelyNew: true })).toMatchObject({ item: 'ab' });
  expect(asked).toEqual({ reads: 1, writes: 2 });
});

test('whoever is quicker loses nothing', async () => {
  const { place, held } = letters('a', ['x', 'y']);
  expect(await joinInto(place, adding('b'))).toMatchObject({ outcome: 'written' });
  expect(held()).toBe('axyb');
  // Somebody else brought the same news.
  expect(await joinInto(letters('a', ['b']).place, adding('b'))).toEqual({ outcome: 'known', item: 'ab' });
});

test('it gives up on what is refused at once, and after eight tries on what others keep writing', async () => {
  const refused = letters('a');
  expect(await joinInto(refused.place, () => 'forbidden')).toEqual({ outcome: 'refused' });
  expect(refused.asked.writes).toBe(1);

  const { place, asked } = letters('a', Array<string>(20).fill('x'));
  expect(await joinInto(place, adding('b'))).toEqual({ outcome: 'contended' });
  expect(asked.writes).toBe(8);
});
