import type { Browser, PostReply } from './browser.ts';
import { oldestWithin, type Entry, type EventQueue, type Vouched } from './event-queue.ts';

/** Events of one moment go together. */
const GATHER_MS = 300;
/** Browsers take 64 KB in all for requests that outlive their page; far below the collector's 500 KB. */
const MAX_BATCH_BYTES = 60_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** The longest that a server may tell us to wait. */
const MAX_RETRY_AFTER_MS = 30 * 60_000;
/** How long an event may still be invisible to a decision after the collector has taken it. */
const VISIBLE_AFTER_MS = 5_000;
/** A decision takes no more along. */
const MAX_ALONG = 20;

export interface Endpoint {
  readonly url: string;
  readonly writeKey: string;
}

export interface Delivery {
  /** There is something to send. */
  wake(): void;
  /** Sends what waits now. Resolves when it has arrived or has to wait. */
  flush(): Promise<void>;
  /** The visitor's newest events that a decision may not see yet, as JSON. */
  invisible(anonymousId: string): readonly string[];
}

export interface DeliveryOptions {
  readonly browser: Browser;
  readonly queue: EventQueue;
  readonly endpoint: Endpoint;
  /** The identity token of whoever is logged in. */
  readonly token: TokenSource;
  readonly onProblem: (code: string) => void;
}

export interface TokenSource {
  now(): Promise<string | undefined>;
  /** The last one that is known, for a page that is leaving. */
  last(): string | undefined;
}

/** Sends the queue, one request at a time, for as long as it takes; an event leaves it when it has arrived. */
export function eventDelivery({ browser, queue, endpoint, token, onProblem }: DeliveryOptions): Delivery {
  let failures = 0;
  let notBefore = 0;
  /** The server's own word, which nothing but time makes void. */
  let barredUntil = 0;
  let inFlight: Promise<void> | null = null;
  let inFlightEntries: readonly Entry[] = [];
  let callOff: (() => void) | null = null;
  let hasLeft = false;
  let arrived: readonly { readonly text: string; readonly at: number }[] = [];

  const body = (entries: readonly Entry[], vouching: string | undefined): string =>
    `{"batch":[${entries.map((entry) => entry.slice(1)).join()}],${JSON.stringify({
      writeKey: endpoint.writeKey,
      token: vouching,
      sentAt: new Date(browser.now()).toISOString(),
    }).slice(1)}`;

  const schedule = (delayMs: number): void => {
    callOff?.();
    callOff = browser.later(() => void flush(), delayMs);
  };

  const waitMs = (): number => {
    const ms = Math.max(0, notBefore - browser.now(), barredUntil - browser.now());
    // Longer than any wait: the clock has been set back.
    return ms > MAX_RETRY_AFTER_MS ? 0 : ms;
  };
  const mayTry = (): boolean => !hasLeft && browser.isOnline() && waitMs() === 0;

  /** The oldest that can go in one request, with the token they go with. */
  const nextBatch = (vouching: string | undefined, from: readonly Entry[]) => {
    const proofOf = (entry: Entry): Vouched =>
      entry.startsWith('?') ? (vouching === undefined ? '-' : '+') : entry.startsWith('+') ? '+' : '-';
    // What has once gone with a token waits for one.
    const [first] = from.filter((entry) => vouching !== undefined || proofOf(entry) === '-');
    if (first === undefined) return null;
    const proof = proofOf(first);
    const alike = from.filter((entry) => proofOf(entry) === proof);
    return {
      entries: queue.vouch(oldestWithin(alike, MAX_BATCH_BYTES), proof),
      token: proof === '+' ? vouching : undefined,
    };
  };

  const drain = async (): Promise<void> => {
    const nextMs = queue.adopt();
    if (nextMs !== null) schedule(nextMs + GATHER_MS);
    while (mayTry() && queue.entries().length > 0) {
      const vouching = await token.now();
      const batch = mayTry() ? nextBatch(vouching, queue.entries()) : null;
      if (batch === null) return;
      inFlightEntries = batch.entries;
      await send(batch.entries, body(batch.entries, batch.token));
      inFlightEntries = [];
    }
    // A timer may come a little early: then it is set again.
    if (waitMs() > 0) {
      queue.renew(waitMs());
      schedule(waitMs());
    }
  };

  const send = async (entries: readonly Entry[], text: string): Promise<void> => {
    let reply: PostReply | undefined;
    try {
      reply = await browser.fetch(`${endpoint.url}/v1/batch`, {
        method: 'POST',
        body: text,
        keepalive: true,
        credentials: 'omit',
      });
    } catch {
      // No network, or a blocker: which of them cannot be told.
    }
    const status = reply?.status ?? 0;
    if (status === 0 || status === 408 || status === 429 || status >= 500) {
      failures += 1;
      const backOff = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
      const now = browser.now();
      notBefore = now + backOff * (0.5 + browser.random() / 2);
      barredUntil = now + retryAfterMs(reply, now);
      return;
    }
    failures = 0;
    queue.remove(entries);
    if (status === 200) {
      const now = browser.now();
      arrived = [...arrived, ...entries.map((entry) => ({ text: entry.slice(1), at: now }))].slice(
        -MAX_ALONG,
      );
    } else {
      // It would be turned down again, however often it is sent.
      onProblem(`http-${status}`);
    }
  };

  const flush = (): Promise<void> => {
    inFlight ??= drain().finally(() => (inFlight = null));
    return inFlight;
  };

  /** What is under way already outlives the page by itself. */
  const leave = (): void => {
    if (hasLeft) return;
    const underWay = new Set(inFlightEntries);
    const left = queue.entries().filter((entry) => !underWay.has(entry));
    const batch = mayTry() ? nextBatch(token.last(), left) : null;
    hasLeft = true;
    // Whether it arrives nobody will know: it stays, and the next page sends the same messages.
    if (batch !== null) browser.beacon(`${endpoint.url}/v1/batch`, body(batch.entries, batch.token));
    queue.release();
  };

  const wake = (): void => {
    if (!hasLeft) schedule(Math.max(GATHER_MS, waitMs()));
  };

  browser.on('online', () => {
    notBefore = 0;
    wake();
  });
  browser.on('hidden', () => void flush());
  browser.on('leaving', leave);
  browser.on('back', () => {
    hasLeft = false;
    wake();
  });

  return {
    wake,
    flush,
    invisible: (anonymousId) =>
      [
        ...arrived.filter(({ at }) => browser.now() - at < VISIBLE_AFTER_MS).map(({ text }) => text),
        ...queue.entries().map((entry) => entry.slice(1)),
      ]
        .filter((text) => text.includes(`"anonymousId":"${anonymousId}"`))
        .slice(-MAX_ALONG),
  };
}

/** `Retry-After` in seconds or as a date. */
function retryAfterMs(reply: PostReply | undefined, now: number): number {
  const said = reply?.headers.get('retry-after');
  if (!said) return 0;
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - now;
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : 0;
}
