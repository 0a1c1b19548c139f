/** Numbers evenly from [0, 1), the same for the same seed. */
export type Random = () => number;

/** Mulberry32 (T. Ettinger, public domain): small, fast, and random enough to draw shoppers with. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A chance of its own for somebody who draws at the same time as others. */
export function ownRandom(random: Random): Random {
  return seededRandom(Math.floor(random() * 2 ** 32));
}

/** Draws one name; probabilities sum up to 1. */
export function draw(probabilities: ReadonlyMap<string, number>, random: Random): string {
  let left = random();
  let last = '';
  for (const [name, probability] of probabilities) {
    last = name;
    left -= probability;
    if (left < 0) break;
  }
  return last;
}

/** A new array in random order (Fisher-Yates). */
export function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  const mixed = [...values];
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other]!, mixed[index]!];
  }
  return mixed;
}
