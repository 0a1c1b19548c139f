import type { Answer, DecideRequest } from './answer.ts';
import { thisBrowser, type Browser } from './browser.ts';
import { visitorConsent, type ConsentCategories } from './consent.ts';
import { decisions, type StoreDefaults } from './decisions.ts';
import { eventDelivery, type TokenSource } from './delivery.ts';
import { eventQueue } from './event-queue.ts';
import { keptValues } from './kept.ts';
import { messageText, type MessageParts } from './message.ts';
import { currentVisit } from './visit.ts';

export type { Answer, DecideRequest } from './answer.ts';
export type { ConsentCategories } from './consent.ts';
export type { StoreDefaults } from './decisions.ts';

/** How long a checkout waits for its answer, ms. */
const DEADLINE_MS = 150;

export interface CartwrightOptions {
  /** Origin of the API, such as `https://checkout.example.com`. */
  readonly host: string;
  /** The public key of a browser source. */
  readonly writeKey: string;
  /** The identity token of the shopper who is logged in, from the shop's server; asked for whenever something is sent. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  /** The shop's own order, for when nothing else comes. */
  readonly defaults?: StoreDefaults;
  /** ms; 150 if absent */
  readonly deadlineMs?: number;
  /** What holds until the visitor has chosen. Where silence is a no: `{ analytics: false, personalization: false }`. */
  readonly consentCategories?: ConsentCategories;
  /** Sends a page view at once and for every new address of a single-page shop. */
  readonly autoPage?: boolean;
  /** Told a code of whatever goes wrong: nothing is ever thrown into the page. */
  readonly onProblem?: (code: string) => void;
}

export interface Cartwright {
  track(event: string, properties?: object): void;
  page(name?: string, properties?: object): void;
  /** Says who the visitor is, or what they are like. Somebody else than before begins as a new visitor. */
  identify(userId?: string | number, traits?: object): void;
  /** Logged out: a new visitor, of whom nothing is kept. */
  reset(): void;
  /** What the visitor has allowed; sends `Consent Preference Updated`. */
  consent(categories: ConsentCategories): void;
  /** Sends what waits. */
  flush(): Promise<void>;
  readonly anonymousId: string;
  /** How to arrange a checkout. Never rejects; settles by the deadline. */
  decide(request: DecideRequest): Promise<Answer>;
}

/**
 * The SDK for one shop.
 *
 * @example
 * const cartwright = createCartwright({ host: 'https://checkout.example.com', writeKey: 'wk_…' });
 * cartwright.track('Product Added', { product_id: 'p1', quantity: 1 });
 * const { slots } = await cartwright.decide({ checkout: { payment: [{ id: 'card', kind: 'card' }] } });
 */
export function createCartwright(options: CartwrightOptions, browser: Browser = thisBrowser()): Cartwright {
  const onProblem = (code: string): void => {
    try {
      options.onProblem?.(code);
    } catch {
      // It is the page's own; the page goes on.
    }
  };
  const guarded = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      onProblem(error instanceof Error ? error.message : 'error');
    }
  };
  const kept = keptValues(() => browser.storage());
  const consent = visitorConsent(browser, kept, options.consentCategories);
  const visit = currentVisit(browser, kept);
  const queue = eventQueue(browser, kept, () => onProblem('queue-full'));
  const endpoint = {
    url: (options.host as string | undefined)?.replace(/\/+$/, '') ?? '',
    writeKey: options.writeKey,
  };
  const token = tokenSource(options.token);
  const delivery = eventDelivery({ browser, queue, endpoint, token, onProblem });
  const deciding = decisions({
    browser,
    kept,
    consent,
    visit,
    delivery,
    endpoint,
    token,
    defaults: options.defaults ?? {},
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
  });

  let { referrer, url } = browser.page();
  const enqueue = (parts: MessageParts): void => {
    queue.add(messageText(parts, { browser, consent, visit, referrer }));
    delivery.wake();
  };
  // Nobody has seen a page that is prerendered, nor done what it says.
  const send = (parts: MessageParts): void =>
    browser.on('shown', () =>
      guarded(() => {
        if (consent.allowsEvents()) enqueue(parts);
      }),
    );

  const cartwright: Cartwright = {
    track: (event, properties) =>
      guarded(() => {
        if (!event) throw new Error('event-without-name');
        send({ type: 'track', event, properties });
      }),
    page: (name, properties) => send({ type: 'page', name, properties }),
    identify: (userId, traits) =>
      guarded(() => {
        const named = userId === undefined ? '' : String(userId);
        if (named && visit.userId !== undefined && visit.userId !== named) cartwright.reset();
        if (named) visit.name(named);
        send({ type: 'identify', traits });
      }),
    reset: () =>
      guarded(() => {
        void delivery.flush();
        visit.forget();
        deciding.forget();
        token.forget();
      }),
    consent: (categories) =>
      guarded(() => {
        consent.choose(categories);
        if (!consent.allowsEvents()) queue.clear();
        if (!consent.allowsPersonal()) deciding.forget();
        // A choice is told even where nothing else may be, unless it is nobody's: then it would make them somebody.
        if (!browser.refusesTracking() || visit.userId !== undefined)
          enqueue({ type: 'track', event: 'Consent Preference Updated', properties: {} });
      }),
    flush: () => delivery.flush().catch(() => onProblem('flush')),
    get anonymousId() {
      return visit.anonymousId;
    },
    decide: (request) => deciding.decide(request),
  };

  if (options.autoPage) {
    cartwright.page();
    browser.on('navigated', () => {
      const now = browser.page().url;
      // Only what a server would have been asked for is a new page.
      if (now === url) return;
      referrer = url;
      url = now;
      cartwright.page();
    });
  }
  // What an earlier page could not send.
  if (consent.allowsEvents()) delivery.wake();
  return cartwright;
}

function tokenSource(ask: CartwrightOptions['token']): TokenSource & { forget(): void } {
  let last: string | undefined;
  return {
    async now() {
      try {
        last = (await ask?.()) || undefined;
      } catch {
        last = undefined;
      }
      return last;
    },
    last: () => last,
    forget() {
      last = undefined;
    },
  };
}
