import type { ConfigFault } from './check-store-config.ts';
import type { RatesConfig } from './exchange-rates.ts';
import { choiceFaults, type KnownWords, settingFaults } from './known-words.ts';
import type { JourneyStage, SegmentSource, SegmentsConfig } from './segments/segment-source.ts';
import { messageWordFaults, offerWordFaults } from './slots/offer-words.ts';
import type { OfferGuardrail } from './slots/offer-source.ts';
import type {
  Guardrail,
  GuardrailScope,
  RegionsConfig,
  ShippingGuardrail,
  StoreConfig,
} from './store-config.ts';

/** Typed as records, so that a new setting does not compile until it stands here. */
const SHOP: Readonly<Record<keyof StoreConfig, true>> = {
  name: true,
  payment: true,
  shipping: true,
  regions: true,
  segments: true,
  defaultLocale: true,
  rates: true,
  offers: true,
  messages: true,
  stages: true,
};
const OPTIONAL_IN_SHOP: ReadonlySet<string> = new Set<keyof StoreConfig>(['rates']);
const RATES: Readonly<Record<keyof RatesConfig, true>> = {
  asOf: true,
  source: true,
  base: true,
  perBase: true,
};
const SLOT: Readonly<Record<keyof StoreConfig['payment' | 'shipping'], true>> = {
  halfLifeMonths: true,
  habitPrior: true,
  guardrails: true,
};
const REGIONS: Readonly<Record<keyof RegionsConfig, true>> = {
  minimumPopulation: true,
  weight: true,
  halfLifeMonths: true,
  refreshSeconds: true,
  staleAfterSeconds: true,
};
const SEGMENTS: Readonly<Record<keyof SegmentsConfig, true>> = {
  events: true,
  lists: true,
  named: true,
  journey: true,
};
const OPTIONAL_IN_SEGMENTS: ReadonlySet<string> = new Set<keyof SegmentsConfig>(['events', 'lists']);
const SEGMENT: Readonly<Record<keyof SegmentSource, true>> = {
  description: true,
  when: true,
  announce: true,
};
const OPTIONAL_IN_SEGMENT: ReadonlySet<string> = new Set<keyof SegmentSource>(['announce']);
const JOURNEY: Readonly<Record<JourneyStage, true>> = {
  awareness: true,
  consideration: true,
  purchase: true,
  retention: true,
  advocacy: true,
};
const SCOPE: Readonly<Record<keyof GuardrailScope, true>> = { id: true, countries: true, source: true };
const EVERYWHERE: ReadonlySet<string> = new Set<keyof GuardrailScope>(['countries']);

/** What each rule is told beside where it holds. */
const PAYMENT_RULES: Readonly<Record<Guardrail['rule'], KnownWords>> = {
  'order-by-credit': { order: true },
  'credit-not-preselected': {},
  'nothing-preselected': {},
};
const SHIPPING_RULES: Readonly<Record<ShippingGuardrail['rule'], KnownWords>> = {
  'cheapest-first': {},
  'cheapest-preselected': {},
};

const OFFER_RULES: Readonly<Record<OfferGuardrail['rule'], KnownWords>> = { 'nothing-preselected': {} };

/**
 * Names of settings and rules that there are none of, each with the word that was probably meant, and settings that are
 * left out: the compiler sees neither what comes from JSON nor what is cast.
 */
export function shopWordFaults(config: StoreConfig): readonly ConfigFault[] {
  const faults = settingFaults(config, SHOP, '', OPTIONAL_IN_SHOP);
  if (faults.length > 0) return faults;
  const { payment, shipping, regions, segments, rates, offers, messages } = config;
  return [
    ...slotFaults(payment, PAYMENT_RULES, 'payment'),
    ...slotFaults(shipping, SHIPPING_RULES, 'shipping'),
    ...settingFaults(regions, REGIONS, 'regions'),
    ...segmentFaults(segments),
    ...(rates === undefined ? [] : settingFaults(rates, RATES, 'rates')),
    ...offerWordFaults(offers, (guardrails) => ruleFaults(guardrails, OFFER_RULES, 'offers')),
    ...messageWordFaults(messages),
  ];
}

function segmentFaults(segments: SegmentsConfig): readonly ConfigFault[] {
  const faults = settingFaults(segments, SEGMENTS, 'segments', OPTIONAL_IN_SEGMENTS);
  if (faults.length > 0) return faults;
  return [
    ...Object.entries(segments.named).flatMap(([id, segment]) =>
      settingFaults(segment, SEGMENT, `segments.named.${id}`, OPTIONAL_IN_SEGMENT),
    ),
    ...settingFaults(segments.journey, JOURNEY, 'segments.journey'),
  ];
}

function slotFaults(
  slot: { readonly guardrails: readonly (Guardrail | ShippingGuardrail)[] },
  rules: Readonly<Record<string, KnownWords>>,
  root: string,
): readonly ConfigFault[] {
  const faults = settingFaults(slot, SLOT, root);
  return faults.length > 0 ? faults : ruleFaults(slot.guardrails, rules, root);
}

function ruleFaults(
  guardrails: readonly (Guardrail | ShippingGuardrail | OfferGuardrail)[],
  rules: Readonly<Record<string, KnownWords>>,
  root: string,
): readonly ConfigFault[] {
  const known = Object.fromEntries(Object.keys(rules).map((rule) => [rule, true as const]));
  return guardrails.flatMap((guardrail, index) => {
    const path = `${root}.guardrails[${index}]`;
    const ofRule = rules[guardrail.rule];
    return ofRule === undefined
      ? choiceFaults(guardrail.rule, known, `${path}.rule`)
      : settingFaults(guardrail, { ...SCOPE, rule: true, ...ofRule }, path, EVERYWHERE);
  });
}
