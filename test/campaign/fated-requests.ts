import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { timedRequests } from '../../shared/adapters/aws/timed-requests.ts';
import { namedFates, type Drawn } from './named-fates.ts';
import { FATE_HEADER, type WireFate, type WireOdds, type WireProxy } from './wire-proxy.ts';
import { subjectsOf, wireRequest } from './wire-request.ts';

/** Nobody listens there. */
const CLOSED_PORT = 1;
/** As shipped, give or take: what is answered at all is answered long before. */
const REQUEST_TIMEOUT_MS = 2_000;
/** What nobody will answer is waited for so long by the same time-out: a campaign has thousands of those. */
const SILENCE_MS = 25;
const MAX_SOCKETS = 32;
/** Times that one and the same request is in danger. */
const STORMS = 12;

export interface FatedRequests {
  /** For a client of AWS whose endpoint is the proxy. */
  readonly requestHandler: NodeHttpHandler;
  /** From now on by this plan: the same seed is the same fate for the n-th time that the same is asked. */
  plan(seed: number, odds: WireOdds): void;
  /** From now on all goes well. */
  clearUp(): void;
  /** Requests so far whose sender met a failure, or only a part of what it asked for. */
  inTrouble(): number;
}

/**
 * The shipped way to send requests, on which each meets a fate that is drawn for what it asks: the proxy is told which, and
 * what is refused is sent to a port on which nobody listens.
 */
export function fatedRequests(proxy: WireProxy): FatedRequests {
  const requestHandler = timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: MAX_SOCKETS });
  const send = requestHandler.handle.bind(requestHandler);
  let draw: ((name: string) => Drawn<WireFate>) | undefined;
  let aside = 0;
  requestHandler.handle = (request, options) => {
    if (draw === undefined) return send(request, options);
    const { buffer, byteOffset, byteLength } = request.body as Uint8Array;
    const body = Buffer.from(buffer, byteOffset, byteLength);
    const asked = wireRequest(request.headers['x-amz-target'] ?? '', body.toString());
    const { fate, random } = draw(`${asked.operation} ${subjectsOf(asked).join()}`);
    // The client may send the same request again.
    const fated = request.clone();
    if (fate === 'refused') {
      aside += 1;
      fated.port = CLOSED_PORT;
      return send(fated, options);
    }
    const isSilent = fate === 'hung' || fate === 'late';
    if (isSilent) aside += 1;
    if (fate === 'late')
      proxy.owe({ method: request.method, url: request.path, headers: request.headers }, body, random);
    fated.headers[FATE_HEADER] = `${isSilent ? 'hung' : fate},${Math.floor(random() * 2 ** 32)}`;
    return send(fated, { ...options, ...(isSilent && { requestTimeout: SILENCE_MS }) });
  };
  return {
    requestHandler,
    plan(seed, odds) {
      draw = namedFates<WireFate>(seed, odds, STORMS);
    },
    clearUp() {
      draw = undefined;
    },
    inTrouble: () => aside + proxy.inTrouble(),
  };
}
