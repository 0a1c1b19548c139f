import { createHash } from 'node:crypto';
import { seededRandom, type Random } from '../bench/ranking/seeded-random.ts';

/** What becomes of something, and chance for whatever else has to be decided of it. */
export interface Drawn<Fate extends string> {
  readonly fate: Fate | 'well';
  readonly random: Random;
  /** It is in danger no more. */
  readonly isOver: boolean;
}

/**
 * Draws fates by what they are for and how often it was asked before, not by who comes first: what sockets hurry or delay does not
 * change what becomes of anything else.
 *
 * @param storms times that one and the same thing is in danger; after that it goes well, so that everything comes to its end
 * @example
 * const fateOf = namedFates(17, { lost: 0.1 }, 12);
 * fateOf('PutItem ann checkout').fate; // the same for the same seed, whatever was asked in between
 */
export function namedFates<Fate extends string>(
  seed: number,
  odds: Readonly<Partial<Record<Fate, number>>>,
  storms: number,
): (name: string) => Drawn<Fate> {
  const shares = Object.entries(odds) as [Fate, number][];
  const asked = new Map<string, number>();
  return (name) => {
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    const random = randomOf(seed, name, times);
    const isOver = times >= storms;
    let left = isOver ? 1 : random();
    return { fate: shares.find(([, share]) => (left -= share) < 0)?.[0] ?? 'well', random, isOver };
  };
}

/** Chance that depends on these words and nothing else. */
export function randomOf(...words: readonly (string | number)[]): Random {
  return seededRandom(createHash('md5').update(words.join('\0')).digest().readUInt32BE(0));
}
