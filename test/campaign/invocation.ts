import type { Turns } from './turns.ts';
import type { Weather } from './weather.ts';

/** One run of a function, which may end at any of its calls. */
export interface Invocation {
  /** A call as the weather will have it. @param name what is called, and with what */
  call<Reply>(name: string, apply: () => Promise<Reply>, unavailable: () => Error): Promise<Reply>;
  /** Lambda's time is not up yet. */
  hasTime(): boolean;
  /** What the function answered, after which it does nothing more; undefined: it ended before it could. */
  outcome<Reply>(answer: Promise<Reply>): Promise<Reply | undefined>;
}

/** By how much longer a slow call takes than a late one: a whole invocation of others fits in. */
const SLOWNESS = 5;
/** A new one each time: what waits for a promise stays in memory as long as the promise does. */
const never = (): Promise<never> => new Promise(() => undefined);

/** @param later calls that are on the wire when their invocation has ended */
export function startInvocation(turns: Turns, weather: Weather, later: Promise<unknown>[]): Invocation {
  let end: (value: undefined) => void = () => undefined;
  const ended = new Promise<undefined>((resolve) => (end = resolve));
  let checksLeft = weather.timeChecks();
  let isOver = false;
  const crash = (): Promise<never> => {
    isOver = true;
    end(undefined);
    return never();
  };
  const applyAfter = async <Reply>(steps: number, apply: () => Promise<Reply>): Promise<Reply> => {
    for (let left = steps; left > 0; left--) await turns.take();
    return apply();
  };
  return {
    async call(name, apply, unavailable) {
      await turns.take();
      // What an invocation that has ended still had in mind, nobody does.
      if (isOver) return never();
      switch (weather.next(name)) {
        case 'well':
          return apply();
        case 'slow':
          return applyAfter(SLOWNESS * weather.lateness(), apply);
        case 'before':
          throw unavailable();
        case 'lost':
          await apply();
          throw unavailable();
        case 'late':
          later.push(applyAfter(weather.lateness(), apply));
          throw unavailable();
        case 'crash before':
          return crash();
        case 'crash after':
          await apply();
          return crash();
        case 'crash late':
          later.push(applyAfter(weather.lateness(), apply));
          return crash();
      }
    },
    hasTime: () => checksLeft-- > 0,
    async outcome(answer) {
      try {
        return await Promise.race([answer, ended]);
      } finally {
        isOver = true;
      }
    },
  };
}
