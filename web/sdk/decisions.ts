import type {
  Answer,
  DecideRequest,
  OfferedOption,
  OptionsSlot,
  RankedOption,
  Shortfall,
  Slots,
} from './answer.ts';
import type { Browser } from './browser.ts';
import type { Consent } from './consent.ts';
import type { Delivery, Endpoint, TokenSource } from './delivery.ts';
import type { Kept } from './kept.ts';
import type { Visit } from './visit.ts';

const LISTS = ['payment', 'shipping'] as const;
/** An order of last week is no worse than none; an older one may be of another shop. */
const MAX_KEPT_MS = 7 * 24 * 3_600_000;
const MAX_KEPT_LENGTH = 8_000;

/** The shop's own order, by option id; those it does not name follow as the request has them. */
export type StoreDefaults = Readonly<Partial<Record<(typeof LISTS)[number], readonly string[]>>>;

export interface DecisionOptions {
  readonly browser: Browser;
  readonly kept: Kept;
  readonly consent: Consent;
  readonly visit: Visit;
  readonly delivery: Delivery;
  readonly endpoint: Endpoint;
  readonly token: TokenSource;
  readonly defaults: StoreDefaults;
  readonly deadlineMs: number;
}

export interface Decisions {
  decide(request: DecideRequest): Promise<Answer>;
  forget(): void;
}

interface KeptAnswer {
  readonly question: string;
  readonly at: number;
  readonly answer: Answer;
}

/** Asks for decisions. Always answers, and within the deadline: with the server's, else its last one, else the shop's order. */
export function decisions(options: DecisionOptions): Decisions {
  const { browser, kept, consent, visit, delivery, endpoint, token, defaults } = options;
  /** The whole of the last answer, which `since` refers to: it may hold an address, so that it is never written. */
  let last: (KeptAnswer & { readonly version: string }) | null = null;

  /** What an answer answers: nobody else's, and for no other checkout. */
  const questionOf = ({ context, checkout: { payment, shipping }, slots }: DecideRequest): string =>
    JSON.stringify([visit.anonymousId, visit.userId, context, payment, shipping, slots]);

  const keep = (question: string, answer: Answer): void => {
    const { payment, shipping } = answer.slots;
    const text = JSON.stringify({
      question,
      at: browser.now(),
      answer: { ...answer, profile: null, slots: { payment, shipping } },
    } satisfies KeptAnswer);
    if (text.length <= MAX_KEPT_LENGTH) kept.set('answer', text);
  };

  const keptAnswer = (question: string): Answer | null => {
    const before = kept.read('answer') as KeptAnswer | null;
    return before?.question === question && browser.now() - before.at < MAX_KEPT_MS ? before.answer : null;
  };

  const ask = async (request: DecideRequest): Promise<Answer | Shortfall> => {
    if (!browser.isOnline()) return 'offline';
    const isPersonal = consent.allowsPersonal();
    const question = questionOf(request);
    const { anonymousId } = visit;
    const asked = JSON.stringify([question, request.checkout.lines]);
    const since = isPersonal && last?.question === asked ? last : null;
    const events = isPersonal ? delivery.invisible(anonymousId) : [];
    const body = JSON.stringify({
      ...request,
      context: { ...request.context, consent: { ...consent.categories(), ...request.context?.consent } },
      writeKey: endpoint.writeKey,
      ...(isPersonal && { anonymousId, token: await token.now() }),
      since: since?.version,
    });
    let reply;
    try {
      reply = await browser.fetch(`${endpoint.url}/v1/decisions`, {
        method: 'POST',
        body: events.length > 0 ? `${body.slice(0, -1)},"events":[${events.join()}]}` : body,
        keepalive: false,
        credentials: 'omit',
      });
      if (reply.status !== 200) return 'http';
      const said = (await reply.json()) as Answer;
      const isUnchanged = since !== null && said.version === since.version;
      const answer: Answer = {
        ...said,
        reason: null,
        slots: isUnchanged ? since.answer.slots : arranged(said.slots, request),
      };
      if (!isPersonal) return answer;
      // It is of somebody who has logged out or withdrawn meanwhile.
      if (!consent.allowsPersonal() || visit.anonymousId !== anonymousId) return 'withdrawn';
      // Who has logged in meanwhile asks anew; and what an outage left of an answer is no better than the one before it.
      if (questionOf(request) === question) {
        last = { question: asked, at: browser.now(), answer, version: said.version ?? '' };
        if (!said.degraded) keep(question, answer);
      }
      return answer;
    } catch {
      return 'network';
    }
  };

  const withoutServer = (request: DecideRequest, reason: Shortfall): Answer => {
    const before = consent.allowsPersonal() ? keptAnswer(questionOf(request)) : null;
    if (before !== null) return { ...before, source: 'cached', reason, slots: asCached(before.slots) };
    return storeDefault(request, defaults, reason);
  };

  return {
    async decide(request) {
      try {
        const late = new Promise<Shortfall>((resolve) =>
          browser.later(() => resolve('timeout'), options.deadlineMs),
        );
        const answer = await Promise.race([ask(request), late]);
        return typeof answer === 'string' ? withoutServer(request, answer) : answer;
      } catch {
        return storeDefault(request, defaults, 'error');
      }
    },
    forget() {
      last = null;
      kept.set('answer', null);
    },
  };
}

function storeDefault(request: DecideRequest, defaults: StoreDefaults, reason: Shortfall): Answer {
  const slots: Record<string, OptionsSlot> = {};
  for (const name of LISTS) {
    const offered = request?.checkout?.[name];
    if (!offered || (request.slots && !request.slots.includes(name))) continue;
    slots[name] = {
      source: 'store-default',
      fallbackReason: reason,
      options: inOrder(
        offered,
        (defaults[name] ?? []).map((id) => ({ id, rank: 0, preselected: false, reasons: ['store-default'] })),
      ),
      guardrails: [],
    };
  }
  return {
    source: 'store-default',
    reason,
    decisionId: null,
    version: null,
    profile: null,
    asOf: null,
    lagMs: null,
    degraded: true,
    tokenRejected: null,
    slots,
  };
}

function asCached({ payment, shipping }: Slots): Slots {
  return {
    ...(payment && { payment: { ...payment, source: 'cached' } }),
    ...(shipping && { shipping: { ...shipping, source: 'cached' } }),
  };
}

/** Whatever came over the wire: what the shop offers is shown, all of it and nothing else. */
function arranged(slots: Slots, { checkout }: DecideRequest): Slots {
  const { payment, shipping } = slots;
  return {
    ...slots,
    ...(payment && { payment: { ...payment, options: inOrder(checkout.payment ?? [], payment.options) } }),
    ...(shipping && {
      shipping: { ...shipping, options: inOrder(checkout.shipping ?? [], shipping.options) },
    }),
  };
}

function inOrder(
  offered: readonly OfferedOption[],
  ranked: readonly RankedOption[],
): readonly RankedOption[] {
  const ids = offered.map(({ id }) => id);
  const known = ranked.filter(
    ({ id }, place) => ids.includes(id) && ranked.findIndex((one) => one.id === id) === place,
  );
  const others = ids
    .filter((id) => !known.some((option) => option.id === id))
    .map((id) => ({ id, preselected: false, reasons: ['store-default'] }));
  return [...known, ...others].map((option, index) => ({ ...option, rank: index + 1 }));
}
