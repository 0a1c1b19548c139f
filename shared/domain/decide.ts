import { isConsented } from './consent.ts';
import { applyGuardrails, creditOf, type PaymentKind } from './guardrails.ts';
import { hashText } from './hash.ts';
import type { MethodUses } from './method-uses.ts';
import { paymentUses, shippingUses, type Profile } from './profile.ts';
import { rankOptions, type RankedOption, type Reason } from './rank-options.ts';
import { sharesAround, type Surroundings } from './region-counts.ts';
import { applyShippingGuardrails } from './shipping-guardrails.ts';
import { withTradeOff } from './shipping-reasons.ts';
import type { Segments } from './segments/compile-segments.ts';
import { membershipOf, NO_MEMBERSHIP } from './segments/membership.ts';
import type { SlotName } from './slot.ts';
import type { ConsentRegime, CreditKind, StoreConfig } from './store-config.ts';

/** Where a slot's answer came from, best first. */
export type Rung = 'personalized' | 'regional' | 'default';

/** Where a whole answer came from, best first. */
export const LADDERS = ['personalized', 'partial', 'regional', 'default'] as const;
export type Ladder = (typeof LADDERS)[number];

/** What went wrong when a decision that names somebody could not be personal. */
export const FALLBACK_REASONS = [
  'store-unavailable',
  'deadline',
  'profile-unreadable',
  /** The store kept failing, and decisions do not wait for it for a moment. */
  'breaker-open',
  /** The user has more devices than are asked for their consent. */
  'consent-unread',
] as const;
export type FallbackReason = (typeof FALLBACK_REASONS)[number];

export interface PaymentOption {
  readonly id: string;
  readonly kind?: PaymentKind;
  readonly credit?: CreditKind;
}

export interface ShippingOption {
  readonly id: string;
  /** Minor units. */
  readonly price?: number;
  readonly etaDays?: number;
}

/** The part of the shop's configuration that decides. */
export type DecisionConfig = Pick<StoreConfig, 'payment' | 'shipping' | 'regions'>;

/** What is known when the decision is made: everything comes in, nothing is fetched. */
export interface DecisionInput {
  readonly level: 'none' | 'device' | 'account';
  readonly profile?: Profile;
  /** Why the profile, or part of it, could not be read. */
  readonly fallbackReason?: FallbackReason;
  /** The profile lacks what belongs to it and could not be read in time. */
  readonly isPartial: boolean;
  readonly payment: readonly PaymentOption[];
  readonly shipping: readonly ShippingOption[];
  readonly slots: readonly SlotName[];
  readonly segments: Segments;
  readonly country?: string;
  /** What the region and country of the checkout choose, as far as it is known: nobody's personal data. */
  readonly surroundings: Surroundings;
  readonly consent: { readonly globalPrivacyControl: boolean; readonly stated?: boolean };
  readonly consentRegime: ConsentRegime;
  /** ms; what ageing is counted back from */
  readonly now: number;
  readonly explain: boolean;
}

export interface SlotOption {
  readonly id: string;
  /** From 1. */
  readonly rank: number;
  readonly preselected: boolean;
  readonly reasons: readonly Reason[];
  /** With `explain` only. */
  readonly explain?: {
    readonly score: number;
    readonly share: number;
    readonly uses: number;
    readonly lastAt: string | null;
  };
}

export interface Slot {
  readonly source: Rung;
  readonly fallbackReason: FallbackReason | null;
  readonly options: readonly SlotOption[];
  readonly guardrails: readonly string[];
}

/** The content of an answer: what `version` is a hash of. */
export interface Decision {
  readonly version: string;
  readonly source: Ladder;
  readonly degraded: boolean;
  readonly asOf: string | null;
  readonly lagMs: number | null;
  readonly profile: {
    readonly level: 'none' | 'device' | 'account';
    readonly segments: readonly string[];
    readonly journeyStage: string | null;
  };
  readonly slots: Readonly<Partial<Record<SlotName, Slot>>>;
}

/**
 * Decides one checkout. Pure: the same input gives the same answer. Every list is a permutation of the options
 * supplied (invariant 8); guardrails hold on the final order, on every rung (invariant 9).
 */
export function decide(input: DecisionInput, config: DecisionConfig): Decision {
  const recorded = input.profile?.checkout.consent.get('personalization')?.value;
  const isAllowed = isConsented(input.consentRegime, { ...input.consent, recorded });
  const profile = isAllowed ? input.profile : undefined;
  // Without consent a default is what was asked for, not something that went wrong.
  const fallbackReason = (isAllowed && input.fallbackReason) || null;
  const slots = Object.fromEntries(
    input.slots.map((slot) => {
      const { source, options, guardrails } = SLOT_DECIDERS[slot](input, config, profile);
      return [
        slot,
        { source, fallbackReason: source === 'personalized' ? null : fallbackReason, options, guardrails },
      ];
    }),
  ) satisfies Partial<Record<SlotName, Slot>>;
  const rungs = new Set(Object.values(slots).map(({ source }) => source));
  const content = {
    source: ladderOf(rungs, input.isPartial),
    degraded: fallbackReason !== null || (isAllowed && input.isPartial),
    profile: {
      level: isAllowed ? input.level : 'none',
      ...(profile ? membershipOf(profile, input.segments, input.now) : NO_MEMBERSHIP),
    },
    slots,
  } as const;
  return {
    version: hashText(JSON.stringify(content), 10),
    asOf: profile?.freshness ? new Date(profile.freshness.asOf).toISOString() : null,
    lagMs: profile?.freshness?.lagMs ?? null,
    ...content,
  };
}

/** An answer is as good as its best slot. */
function ladderOf(rungs: ReadonlySet<Rung>, isPartial: boolean): Ladder {
  if (rungs.has('personalized')) return isPartial ? 'partial' : 'personalized';
  return rungs.has('regional') ? 'regional' : 'default';
}

type DecidedSlot = Omit<Slot, 'fallbackReason'>;
type SlotDecider = (
  input: DecisionInput,
  config: DecisionConfig,
  profile: Profile | undefined,
) => DecidedSlot;

const SLOT_DECIDERS: Readonly<Record<SlotName, SlotDecider>> = {
  payment(input, config, profile) {
    const ranked = rankSlot('payment', input, config, profile ? paymentUses(profile) : []);
    const { source, options } = placed(ranked);
    const byId = new Map(input.payment.map((option) => [option.id, option]));
    const guarded = applyGuardrails(
      options.map((option) => ({ ...option, credit: creditOf(byId.get(option.id) ?? {}) })),
      config.payment.guardrails,
      input.country,
    );
    return { source, options: shown(guarded.options, input.explain), guardrails: guarded.applied };
  },
  shipping(input, config, profile) {
    const ranked = rankSlot('shipping', input, config, profile ? shippingUses(profile) : []);
    const { source, options } = placed(withTradeOff(ranked, input.shipping));
    const prices = new Map(input.shipping.map(({ id, price }) => [id, price]));
    const guarded = applyShippingGuardrails(
      options.map((option) => ({ ...option, price: prices.get(option.id) })),
      config.shipping.guardrails,
      input.country,
    );
    return { source, options: shown(guarded.options, input.explain), guardrails: guarded.applied };
  },
};

function rankSlot(
  slot: SlotName,
  input: DecisionInput,
  config: DecisionConfig,
  uses: MethodUses,
): readonly RankedOption[] {
  const ids = input[slot].map(({ id }) => id);
  const regional = sharesAround(input.surroundings, slot, ids, input.now, config.regions);
  const { halfLifeMonths, habitPrior } = config[slot];
  const weights = { halfLifeMonths, habitPrior, regionWeight: config.regions.weight };
  return rankOptions(ids, { uses, regional }, input.now, weights);
}

/** Ranked options with the slot's rung. What is preselected is one's own: a region only says what is likely. */
function placed(ranked: readonly RankedOption[]): {
  readonly source: Rung;
  readonly options: readonly (RankedOption & { readonly preselected: boolean })[];
} {
  const isPersonal = ranked.some(({ habit }) => habit !== undefined);
  const isRegional = ranked.some(({ share }) => share > 0);
  return {
    source: isPersonal ? 'personalized' : isRegional ? 'regional' : 'default',
    options: ranked.map((option, index) => ({
      ...option,
      preselected: isPersonal && index === 0 && option.habit !== undefined,
    })),
  };
}

function shown(
  options: readonly (RankedOption & { readonly preselected: boolean })[],
  explain: boolean,
): readonly SlotOption[] {
  return options.map(({ id, preselected, reasons, score, share, habit }, index) => ({
    id,
    rank: index + 1,
    preselected,
    reasons,
    ...(explain && {
      explain: {
        score,
        share,
        uses: habit?.uses ?? 0,
        lastAt: habit ? new Date(habit.lastAt).toISOString() : null,
      },
    }),
  }));
}
