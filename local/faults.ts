import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { sendJson } from './control.ts';
import { readBody } from './http-server.ts';

/** Longer than any deadline of a checkout, shorter than anybody's patience. */
const SLOW_MS = 2_000;
const MAX_BODY_BYTES = 1024;

const Faults = v.strictObject({
  store: v.optional(v.picklist(['ok', 'down', 'slow'])),
  api: v.optional(v.picklist(['ok', 'down', 'slow', '500'])),
  sdk: v.optional(v.picklist(['ok', 'blocked'])),
});

export type Faults = Required<v.InferOutput<typeof Faults>>;

const ALL_WELL: Faults = { store: 'ok', api: 'ok', sdk: 'ok' };

export interface FaultSwitches {
  current(): Faults;
  /** The emulators were started anew and know nothing of this. */
  again(): Promise<void>;
  /**
   * Answers `/_local/faults`; false: it is nothing of this. `GET`: what is broken. `POST {"api":"down"}`: breaks or mends what is
   * named, answers with what is broken then.
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Does to a request for the API what is broken; true: that was its answer. */
  meet(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

/**
 * Switches that break the run while it runs, for whoever wants to see what a shopper sees then. They stand before the run's own
 * server and at the store's emulator, in code that no stack deploys.
 *
 * @param breakStore what makes the store behave so; absent: the store is not this run's own
 */
export function faultSwitches(breakStore?: (state: Faults['store']) => Promise<void>): FaultSwitches {
  let faults = ALL_WELL;
  return {
    current: () => faults,
    async again() {
      if (faults.store !== 'ok') await breakStore?.(faults.store);
    },
    async answer(request, response) {
      if (request.url?.split('?')[0] !== '/_local/faults') return false;
      if (request.method === 'GET') {
        sendJson(response, faults);
        return true;
      }
      if (request.method !== 'POST') return false;
      const wanted = await readFaults(request);
      if (wanted === undefined || (wanted.store !== undefined && breakStore === undefined)) {
        response.writeHead(400).end();
        return true;
      }
      if (wanted.store !== undefined) await breakStore?.(wanted.store);
      faults = { ...faults, ...wanted };
      sendJson(response, faults);
      return true;
    },
    async meet(request, response) {
      switch (faults.api) {
        case 'ok':
          return false;
        case 'down':
          request.socket.destroy();
          return true;
        case 'slow':
          await sleep(SLOW_MS, undefined, { ref: false });
          return false;
        case '500':
          request.resume();
          response.writeHead(500, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ message: 'Internal Server Error' }));
          return true;
      }
    },
  };
}

/** Only JSON that says so: another site's page cannot send that without asking first. */
async function readFaults(request: IncomingMessage): Promise<Partial<Faults> | undefined> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!request.headers['content-type']?.startsWith('application/json')) return undefined;
  try {
    const parsed = v.safeParse(Faults, JSON.parse(body?.toString() ?? ''));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
