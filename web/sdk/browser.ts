/** What the SDK needs of a browser. Everything that can be blocked, missing or slow comes in through here. */
export interface Browser {
  /** ms since the epoch */
  now(): number;
  /** [0, 1) */
  random(): number;
  /** A fresh id: 128 bits of chance. */
  newId(): string;
  /** Where values are kept across pages; throws or is null where the browser forbids it. */
  storage(): KeptValues | null;
  fetch(url: string, init: PostInit): Promise<PostReply>;
  /** Hands a body over for delivery after the page is gone; false: not taken. */
  beacon(url: string, body: string): boolean;
  /** @returns what calls it off */
  later(run: () => void, delayMs: number): () => void;
  isOnline(): boolean;
  /** Global Privacy Control: the visitor has said no, once and for all sites. */
  refusesTracking(): boolean;
  page(): PageSeen;
  device(): { readonly locale: string; readonly isMobile: boolean; readonly timezone: string };
  on(event: BrowserEvent, run: () => void): void;
}

/**
 * `navigated`: the address has changed without a new page. `hidden`: the page may never be seen again. `shown`: the visitor
 * has come to the page: at once, unless it is prerendered for one who may never come.
 */
export type BrowserEvent = 'online' | 'hidden' | 'leaving' | 'back' | 'navigated' | 'shown';

export type KeptValues = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** A request that needs no preflight: no header of its own, text as its body. */
export interface PostInit {
  readonly method: 'POST';
  readonly body: string;
  readonly keepalive: boolean;
  readonly credentials: 'omit';
}

export type PostReply = Pick<Response, 'status' | 'json'> & { readonly headers: Pick<Headers, 'get'> };

export interface PageSeen {
  /** Without its fragment, which no server is told: it may hold what lets somebody in. */
  readonly url: string;
  readonly title: string;
  readonly referrer: string;
}

/** What has not been answered by then will not be; browsers themselves wait for minutes. */
const FETCH_TIMEOUT_MS = 30_000;

interface NavigatorHints {
  readonly globalPrivacyControl?: boolean;
  readonly userAgentData?: { readonly mobile: boolean };
}

interface Prerendering extends Document {
  readonly prerendering?: boolean;
}

export function thisBrowser(): Browser {
  const hints: NavigatorHints = navigator as NavigatorHints;
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    // `randomUUID` is missing where a shop is tried over plain HTTP.
    newId: () =>
      [...crypto.getRandomValues(new Uint8Array(16))]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(''),
    storage: () => window.localStorage,
    fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout?.(FETCH_TIMEOUT_MS) }),
    beacon: (url, body) => navigator.sendBeacon?.(url, body) ?? false,
    later(run, delayMs) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    isOnline: () => navigator.onLine,
    refusesTracking: () => hints.globalPrivacyControl === true,
    page: () => ({
      url: location.href.replace(/#.*/, ''),
      title: document.title,
      referrer: document.referrer,
    }),
    device: () => ({
      locale: navigator.language,
      isMobile: hints.userAgentData?.mobile ?? /Mobi/.test(navigator.userAgent),
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }),
    on(event, run) {
      switch (event) {
        case 'online':
          return addEventListener('online', run);
        case 'hidden':
          return document.addEventListener('visibilitychange', () => {
            if (document.visibilityState === 'hidden') run();
          });
        case 'leaving':
          return addEventListener('pagehide', run);
        case 'back':
          return addEventListener('pageshow', ({ persisted }) => {
            if (persisted) run();
          });
        case 'shown':
          return (document as Prerendering).prerendering
            ? document.addEventListener('prerenderingchange', run)
            : run();
        case 'navigated':
          return onNavigation(run);
      }
    },
  };
}

/** A single-page shop changes the address by the history, which tells nobody. */
function onNavigation(run: () => void): void {
  addEventListener('popstate', run);
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = function changed(...change) {
      original.apply(this, change);
      run();
    };
  }
}
