import type {
  Browser,
  BrowserEvent,
  KeptValues,
  PageSeen,
  PostInit,
  PostReply,
} from '../../web/sdk/browser.ts';
import { createCartwright, type Cartwright, type CartwrightOptions } from '../../web/sdk/index.ts';

/** One message as the SDK sends it. */
export interface SentMessage {
  readonly type: string;
  readonly event?: string;
  readonly name?: string;
  readonly messageId: string;
  readonly anonymousId: string;
  readonly userId?: string;
  readonly timestamp: string;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, any>>; // eslint-disable-line typescript/no-explicit-any -- what a test asserts on is what the wire says
}

export interface SentBatch {
  readonly writeKey: string;
  readonly token?: string;
  readonly sentAt: string;
  readonly batch: readonly SentMessage[];
}

export interface SentRequest extends PostInit {
  readonly url: string;
  readonly at: number;
  readonly by: 'fetch' | 'beacon';
  readonly isOffline: boolean;
}

/** What becomes of a request; `lost`: it arrives and the answer does not; `hang`: nothing comes back, ever. */
export type Fate =
  | 'ok'
  | 'down'
  | 'lost'
  | 'hang'
  | { readonly status: number; readonly retryAfter?: string; readonly body?: object };

/** A browser's pages, its storage, its clock and the network, all of it made up and nothing of it by chance. */
export interface FakeWorld {
  now(): number;
  /** Every request that has left a page, whatever became of it. */
  readonly requests: readonly SentRequest[];
  /** What the server has: the messages by id, as a store that counts each once keeps them. */
  readonly store: ReadonlyMap<string, { readonly message: SentMessage; readonly token: string | undefined }>;
  readonly stored: Map<string, string>;
  /** Of the requests to come. */
  fate: Fate;
  isOnline: boolean;
  isStorageBlocked: boolean;
  /** Characters that may be stored */
  quota: number;
  refusesTracking: boolean;
  answerAfterMs: number;
  /** Pages are made ready before anybody comes to them, until `shown` is fired. */
  isPrerendering: boolean;
  open(options?: Partial<CartwrightOptions>, page?: Partial<PageSeen>): FakePage;
  /** Lets time pass, with all that happens on its way. */
  pass(ms: number): Promise<void>;
  /** The clock is set, for what asks it; what is to come comes as soon as it would have. */
  setClock(now: number): void;
  goOnline(): Promise<void>;
  batches(): readonly SentBatch[];
  messages(): readonly SentMessage[];
}

export interface FakePage {
  readonly cartwright: Cartwright;
  readonly problems: readonly string[];
  go(page: Partial<PageSeen>): void;
  fire(event: BrowserEvent): void;
  /** The process dies: no event, no timer, no answer any more. */
  crash(): void;
}

export const START = Date.parse('2026-11-27T12:00:00Z');

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export function fakeWorld(seed = 1): FakeWorld {
  let now = START;
  let state = seed;
  let ids = 0;
  /** What the clock on the wall is ahead by, ms. */
  let isAhead = 0;
  const timers = new Set<Timer>();
  const requests: SentRequest[] = [];
  const store = new Map<string, { message: SentMessage; token: string | undefined }>();
  const stored = new Map<string, string>();
  const pages: FakePage[] = [];

  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const later = (run: () => void, delayMs: number): (() => void) => {
    const timer = { at: now + delayMs, run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const values: KeptValues = {
    get length() {
      return stored.size;
    },
    key: (index) => [...stored.keys()][index] ?? null,
    getItem: (key) => stored.get(key) ?? null,
    setItem(key, value) {
      const others = [...stored].reduce((sum, [name, text]) => (name === key ? sum : sum + text.length), 0);
      if (others + value.length > world.quota) throw new Error('QuotaExceededError');
      stored.set(key, value);
    },
    removeItem: (key) => void stored.delete(key),
  };
  const arrive = (url: string, body: string): void => {
    if (!url.endsWith('/v1/batch')) return;
    const { batch, token } = JSON.parse(body) as SentBatch;
    for (const message of batch) {
      // As the collector does: a token vouches for its own user alone.
      const proven =
        message.userId !== undefined && token === `token of ${message.userId}` ? token : undefined;
      store.set(`${proven === undefined ? 'device' : 'user'} ${message.messageId}`, {
        message,
        token: proven,
      });
    }
  };
  const reply = (fate: Exclude<Fate, string>): PostReply => ({
    status: fate.status,
    headers: { get: (name) => (name === 'retry-after' ? (fate.retryAfter ?? null) : null) },
    json: () => Promise.resolve(fate.body ?? { success: true }),
  });
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const world: FakeWorld = {
    now: () => now,
    requests,
    store,
    stored,
    fate: 'ok',
    isOnline: true,
    isStorageBlocked: false,
    quota: Infinity,
    refusesTracking: false,
    isPrerendering: false,
    answerAfterMs: 20,
    open(options = {}, first = {}) {
      let page: PageSeen = { url: 'https://shop.example/', title: 'Shop', referrer: '', ...first };
      let isAlive = true;
      let isPrerendered = world.isPrerendering;
      const heard: { readonly event: BrowserEvent; readonly run: () => void }[] = [];
      const problems: string[] = [];
      const whileAlive = (run: () => void) => (): void => {
        if (isAlive) run();
      };
      const browser: Browser = {
        now: () => now + isAhead,
        random,
        newId: () => `id${++ids}`,
        storage() {
          if (world.isStorageBlocked) throw new Error('SecurityError');
          return values;
        },
        fetch(url, init) {
          const { fate } = world;
          const isOffline = !world.isOnline;
          requests.push({ ...init, url, at: now, by: 'fetch', isOffline });
          return new Promise((resolve, reject) => {
            later(() => {
              if (fate === 'hang') return;
              if (!isOffline && (fate === 'ok' || fate === 'lost')) arrive(url, init.body);
              const back = whileAlive(() => {
                if (isOffline || fate === 'down' || fate === 'lost') reject(new TypeError('Failed to fetch'));
                else resolve(reply(fate === 'ok' ? { status: 200 } : fate));
              });
              back();
            }, world.answerAfterMs);
          });
        },
        beacon(url, body) {
          requests.push({
            url,
            body,
            at: now,
            by: 'beacon',
            isOffline: !world.isOnline,
            method: 'POST',
            keepalive: true,
            credentials: 'omit',
          });
          if (world.isOnline && (world.fate === 'ok' || world.fate === 'lost')) arrive(url, body);
          return true;
        },
        later: (run, delayMs) => later(whileAlive(run), delayMs),
        isOnline: () => world.isOnline,
        refusesTracking: () => world.refusesTracking,
        page: () => ({ ...page, url: page.url.replace(/#.*/, '') }),
        device: () => ({ locale: 'pt-BR', isMobile: true, timezone: 'America/Sao_Paulo' }),
        on(event, run) {
          if (event === 'shown' && !isPrerendered) run();
          else heard.push({ event, run: whileAlive(run) });
        },
      };
      const opened: FakePage = {
        cartwright: createCartwright(
          {
            host: 'https://api.example/',
            writeKey: 'wk_test',
            onProblem: (code) => problems.push(code),
            ...options,
          },
          browser,
        ),
        problems,
        go(next) {
          page = { ...page, ...next };
          opened.fire('navigated');
        },
        fire(event) {
          if (event === 'shown') isPrerendered = false;
          for (const { event: name, run } of heard) if (name === event) run();
        },
        crash() {
          isAlive = false;
        },
      };
      pages.push(opened);
      return opened;
    },
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        await tick();
        const [next] = [...timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
    },
    setClock(to) {
      isAhead = to - now;
    },
    async goOnline() {
      world.isOnline = true;
      for (const page of pages) page.fire('online');
      await tick();
    },
    batches: () =>
      requests
        .filter(({ url }) => url === 'https://api.example/v1/batch')
        .map(({ body }) => JSON.parse(body) as SentBatch),
    messages: () => world.batches().flatMap(({ batch }) => batch),
  };
  return world;
}
