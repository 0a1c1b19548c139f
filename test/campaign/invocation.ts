import type { Turns } from './turns.ts';
import type { Weather } from './weather.ts';

/** One run of a function, which may end at any of its calls. */
export interface Invocation {
  /** A call as the weather will have it. */
  call<Reply>(apply: () => Promise<Reply>, unavailable: () => Error): Promise<Reply>;
  /** What the function answered; undefined: it ended before it could. */
  outcome<Reply>(answer: Promise<Reply>): Promise<Reply | undefined>;
}

/** A new one each time: what waits for a promise stays in memory as long as the promise does. */
const never = (): Promise<never> => new Promise(() => undefined);

/** @param later calls that are on the wire when their invocation has ended */
export function startInvocation(turns: Turns, weather: Weather, later: Promise<unknown>[]): Invocation {
  let end: (value: undefined) => void = () => undefined;
  const ended = new Promise<undefined>((resolve) => (end = resolve));
  let isOver = false;
  const crash = (): Promise<never> => {
    isOver = true;
    end(undefined);
    return never();
  };
  const applyLate = async (apply: () => Promise<unknown>): Promise<void> => {
    for (let steps = weather.lateness(); steps > 0; steps--) await turns.take();
    await apply();
  };
  return {
    async call(apply, unavailable) {
      await turns.take();
      // What an invocation that has ended still had in mind, nobody does.
      if (isOver) return never();
      switch (weather.next()) {
        case 'well':
          return apply();
        case 'before':
          throw unavailable();
        case 'lost':
          await apply();
          throw unavailable();
        case 'crash before':
          return crash();
        case 'crash after':
          await apply();
          return crash();
        case 'late':
          later.push(applyLate(apply));
          return crash();
      }
    },
    outcome: (answer) => Promise.race([answer, ended]),
  };
}
