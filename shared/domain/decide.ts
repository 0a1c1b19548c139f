import { isConsented } from './consent.ts';
import { applyGuardrails, creditOf, type PaymentKind } from './guardrails.ts';
import { hashText } from './hash.ts';
import { paymentUses, type Profile } from './profile.ts';
import { rankByUses, type Reason } from './rank-payment.ts';
import type { ConsentRegime, CreditKind, StoreConfig } from './store-config.ts';

export type SlotName = 'payment';
/** The slots that exist; a request may name no other. */
export const SLOTS: readonly SlotName[] = ['payment'];

/** Where a slot's answer came from, best first. */
export type Rung = 'personalized' | 'default';
export type Ladder = Rung | 'partial';

/** What went wrong when a decision that names somebody could not be personal. */
export type FallbackReason = 'store-unavailable' | 'deadline' | 'profile-unreadable';

export interface PaymentOption {
  readonly id: string;
  readonly kind?: PaymentKind;
  readonly credit?: CreditKind;
}

/** What is known when the decision is made: everything comes in, nothing is fetched. */
export interface DecisionInput {
  readonly level: 'none' | 'device' | 'account';
  readonly profile?: Profile;
  /** Why the profile, or part of it, could not be read. */
  readonly fallbackReason?: FallbackReason;
  /** The profile lacks what belongs to it and could not be read in time. */
  readonly isPartial: boolean;
  readonly payment: readonly PaymentOption[];
  readonly slots: readonly SlotName[];
  readonly country?: string;
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
  readonly explain?: { readonly score: number; readonly uses: number; readonly lastAt: string | null };
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
export function decide(input: DecisionInput, config: Pick<StoreConfig, 'payment'>): Decision {
  const recorded = input.profile?.checkout.consent.get('personalization')?.value;
  const isAllowed = isConsented(input.consentRegime, { ...input.consent, recorded });
  const profile = isAllowed ? input.profile : undefined;
  // Without consent a default is what was asked for, not something that went wrong.
  const fallbackReason = isAllowed ? input.fallbackReason : undefined;
  const slots = Object.fromEntries(
    input.slots.map((slot) => [slot, paymentSlot(input, config, profile, fallbackReason)]),
  ) satisfies Partial<Record<SlotName, Slot>>;
  const isPersonal = Object.values(slots).some((slot) => slot.source === 'personalized');
  const content = {
    source: isPersonal ? (input.isPartial ? 'partial' : 'personalized') : 'default',
    degraded: fallbackReason !== undefined || (isAllowed && input.isPartial),
    profile: { level: isAllowed ? input.level : 'none', segments: [], journeyStage: null },
    slots,
  } as const;
  return {
    version: hashText(JSON.stringify(content), 10),
    asOf: profile?.freshness ? new Date(profile.freshness.asOf).toISOString() : null,
    lagMs: profile?.freshness?.lagMs ?? null,
    ...content,
  };
}

function paymentSlot(
  input: DecisionInput,
  config: Pick<StoreConfig, 'payment'>,
  profile: Profile | undefined,
  fallbackReason: FallbackReason | undefined,
): Slot {
  const ranked = rankByUses(
    input.payment.map(({ id }) => id),
    profile ? paymentUses(profile) : [],
    input.now,
    config.payment.halfLifeMonths,
  );
  const isPersonal = ranked.some(({ score }) => score > 0);
  const byId = new Map(input.payment.map((option) => [option.id, option]));
  const placed = ranked.map((option, index) => ({
    ...option,
    credit: creditOf(byId.get(option.id) ?? {}),
    preselected: isPersonal && index === 0,
  }));
  const { options, applied } = applyGuardrails(placed, config.payment.guardrails, input.country);
  return {
    source: isPersonal ? 'personalized' : 'default',
    fallbackReason: isPersonal ? null : (fallbackReason ?? null),
    options: options.map(({ id, preselected, reasons, score, habit }, index) => ({
      id,
      rank: index + 1,
      preselected,
      reasons,
      ...(input.explain && {
        explain: {
          score,
          uses: habit?.uses ?? 0,
          lastAt: habit ? new Date(habit.lastAt).toISOString() : null,
        },
      }),
    })),
    guardrails: applied,
  };
}
