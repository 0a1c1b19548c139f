import { setImmediate as rest } from 'node:timers/promises';
import type { Random } from '../bench/ranking/seeded-random.ts';

/** Lets several runs that wait for each other's stores go on one step at a time, in an order that chance decides. */
export interface Turns {
  /** Waits until it is this step's turn. */
  take(): Promise<void>;
  /** Gives turns until all of these have ended. */
  giveUntil(all: readonly Promise<unknown>[]): Promise<void>;
}

/** @param random the same numbers give the same order */
export function seededTurns(random: Random): Turns {
  const waiting: (() => void)[] = [];
  return {
    take: () => new Promise((resolve) => void waiting.push(resolve)),
    async giveUntil(all) {
      const work = { isOver: false };
      const ended = Promise.all(all).finally(() => (work.isOver = true));
      // Nobody waits for it before the loop is over, and then its failure is told.
      ended.catch(() => undefined);
      while (!work.isOver) {
        // Everything that can go on without a turn does so first: what waits then is what may be interleaved.
        await rest();
        waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.();
      }
      await ended;
    },
  };
}
