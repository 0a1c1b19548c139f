import type { ConfigFault } from '../check-store-config.ts';
import { choiceFaults, settingFaults, type KnownWords } from '../known-words.ts';
import type { AudienceSource, CartSource, ValiditySource } from './audience-source.ts';
import type { MessagesConfig, MessageSource } from './message-source.ts';
import type { OffersConfig, OfferSource, OfferValueSource } from './offer-source.ts';

/** Typed as records, so that a new setting does not compile until it stands here. */
const OFFERS: Readonly<Record<keyof OffersConfig, true>> = { guardrails: true, items: true };
const MESSAGES: Readonly<Record<keyof MessagesConfig, true>> = { items: true };
const AUDIENCE: Readonly<Record<keyof AudienceSource, true>> = {
  segments: true,
  when: true,
  cart: true,
  validity: true,
};
const OFFER: Readonly<Record<keyof OfferSource, true>> = { ...AUDIENCE, id: true, title: true, value: true };
const CART: Readonly<Record<keyof CartSource, true>> = { subtotal: true, quantity: true, products: true };
const VALIDITY: Readonly<Record<keyof ValiditySource, true>> = {
  from: true,
  until: true,
  lasts: true,
  after: true,
};
const VALUES: Readonly<Record<OfferValueSource['kind'], KnownWords>> = {
  percent: { percent: true },
  amount: { amount: true },
  'free-shipping': { from: true },
  reward: {},
};
const SUBJECTS: Readonly<Record<MessageSource['kind'], KnownWords>> = {
  'continue-checkout': { within: true },
  'support-follow-up': { within: true },
  'loyalty-status': {},
  notice: {},
};

const IN_AUDIENCE: ReadonlySet<string> = new Set(Object.keys(AUDIENCE));
const IN_CART: ReadonlySet<string> = new Set(Object.keys(CART));
const IN_VALIDITY: ReadonlySet<string> = new Set(Object.keys(VALIDITY));
const FROM: ReadonlySet<string> = new Set(['from']);

/** Settings of offers that there are none of, or that are left out. @param rulesOf of the guardrails */
export function offerWordFaults(
  offers: OffersConfig,
  rulesOf: (guardrails: OffersConfig['guardrails']) => readonly ConfigFault[],
): readonly ConfigFault[] {
  const faults = settingFaults(offers, OFFERS, 'offers');
  if (faults.length > 0) return faults;
  return [
    ...rulesOf(offers.guardrails),
    ...offers.items.flatMap((offer, index) => {
      const path = `offers.items[${index}]`;
      const own = settingFaults(offer, OFFER, path, IN_AUDIENCE);
      return own.length > 0
        ? own
        : [...valueFaults(offer.value, `${path}.value`), ...audienceFaults(offer, path)];
    }),
  ];
}

/** Settings of messages that there are none of, or that are left out. */
export function messageWordFaults(messages: MessagesConfig): readonly ConfigFault[] {
  const faults = settingFaults(messages, MESSAGES, 'messages');
  if (faults.length > 0) return faults;
  return messages.items.flatMap((message, index) => {
    const path = `messages.items[${index}]`;
    const subject = Object.hasOwn(SUBJECTS, message.kind) ? SUBJECTS[message.kind] : undefined;
    if (subject === undefined) return choiceFaults(message.kind, kindsOf(SUBJECTS), `${path}.kind`);
    const words = { ...AUDIENCE, ...subject, id: true, kind: true, text: true } as const;
    return [...settingFaults(message, words, path, IN_AUDIENCE), ...audienceFaults(message, path)];
  });
}

function valueFaults(value: OfferValueSource, path: string): readonly ConfigFault[] {
  const settings = Object.hasOwn(VALUES, value.kind) ? VALUES[value.kind] : undefined;
  return settings === undefined
    ? choiceFaults(value.kind, kindsOf(VALUES), `${path}.kind`)
    : settingFaults(
        value,
        { kind: true, ...settings },
        path,
        value.kind === 'free-shipping' ? FROM : undefined,
      );
}

function audienceFaults({ cart, validity }: AudienceSource, path: string): readonly ConfigFault[] {
  return [
    ...(cart ? settingFaults(cart, CART, `${path}.cart`, IN_CART) : []),
    ...(validity ? settingFaults(validity, VALIDITY, `${path}.validity`, IN_VALIDITY) : []),
  ];
}

function kindsOf(kinds: Readonly<Record<string, KnownWords>>): KnownWords {
  return Object.fromEntries(Object.keys(kinds).map((kind) => [kind, true as const]));
}
