import type { ConfigFault } from './check-store-config.ts';
import { choiceFaults, type KnownWords, settingFaults } from './known-words.ts';
import type { JourneyStage, SegmentSource, SegmentsConfig } from './segments/segment-source.ts';
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
  stages: true,
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

/**
 * Names of settings and rules that there are none of, each with the word that was probably meant, and settings that are
 * left out: the compiler sees neither what comes from JSON nor what is cast.
 */
export function shopWordFaults(config: StoreConfig): readonly ConfigFault[] {
  const faults = settingFaults(config, SHOP, '');
  if (faults.length > 0) return faults;
  const { payment, shipping, regions, segments } = config;
  return [
    ...slotFaults(payment, PAYMENT_RULES, 'payment'),
    ...slotFaults(shipping, SHIPPING_RULES, 'shipping'),
    ...settingFaults(regions, REGIONS, 'regions'),
    ...segmentFaults(segments),
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
  if (faults.length > 0) return faults;
  const known = Object.fromEntries(Object.keys(rules).map((rule) => [rule, true as const]));
  return slot.guardrails.flatMap((guardrail, index) => {
    const path = `${root}.guardrails[${index}]`;
    const ofRule = rules[guardrail.rule];
    return ofRule === undefined
      ? choiceFaults(guardrail.rule, known, `${path}.rule`)
      : settingFaults(guardrail, { ...SCOPE, rule: true, ...ofRule }, path, EVERYWHERE);
  });
}
