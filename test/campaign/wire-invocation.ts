import { setImmediate as rest } from 'node:timers/promises';
import type { Invocation } from './invocation.ts';
import { namedFates } from './named-fates.ts';
import { someTimeChecks } from './weather.ts';

/** Invocations that end before they answer, if anything they do meets its end. */
const DOOMED = 0.25;
/** Of the calls of such a one: so many that it mostly ends with several things half done. */
const ENDS = { 'crash before': 0.12, 'crash after': 0.2 } as const;
/** Times that the same batch is in danger. */
const STORMS = 8;

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * Invocations whose calls are real requests, which end for each thing that they do at a call of its own, drawn by what is called:
 * which of the others has come how far by then is not left to sockets. What is still under way behind the answer may end in the
 * same way. Over is one when nothing of it is on the wire any more; what is done later than that is a `late` request.
 *
 * @returns starts one; its name is the same when the same is tried again
 */
export function wireInvocations(seed: number): (name: string) => Invocation {
  const invocations = namedFates(seed, { doomed: DOOMED }, STORMS);
  const calls = namedFates(seed, ENDS, STORMS);
  return (name) => {
    const { fate, random, isOver: isFair } = invocations(`invocation ${name}`);
    let checksLeft = isFair ? Number.POSITIVE_INFINITY : someTimeChecks(random);
    const onTheWire = new Set<Promise<unknown>>();
    let end: (value: undefined) => void = () => undefined;
    const ended = new Promise<undefined>((resolve) => (end = resolve));

    const quiet = async (): Promise<void> => {
      do {
        await Promise.allSettled(onTheWire);
        // Whatever goes on, goes on before this.
        await rest();
      } while (onTheWire.size > 0);
    };
    const crash = (): Promise<never> => {
      void quiet().then(() => end(undefined));
      return never();
    };
    const send = async <Reply>(apply: () => Promise<Reply>): Promise<Reply> => {
      const reply = apply();
      onTheWire.add(reply);
      try {
        return await reply;
      } finally {
        onTheWire.delete(reply);
      }
    };
    return {
      async call(call, apply) {
        const ends = fate === 'doomed' ? calls(call).fate : 'well';
        if (ends === 'crash before') return crash();
        if (ends === 'well') return send(apply);
        await Promise.allSettled([send(apply)]);
        return crash();
      },
      hasTime: () => checksLeft-- > 0,
      async outcome(answer) {
        const outcome = await Promise.race([answer, ended]);
        await quiet();
        return outcome;
      },
    };
  };
}
