import { isConsented } from './consent.ts';
import type { PaymentKind } from './guardrails.ts';
import { hashText } from './hash.ts';
import type { Profile } from './profile.ts';
import type { Reason } from './rank-options.ts';
import type { Surroundings } from './region-counts.ts';
import type { Segments } from './segments/compile-segments.ts';
import { NO_MEMBERSHIP, type Membership } from './segments/membership.ts';
import { RANKED_SLOTS, type SlotName } from './slot.ts';
import type { AskedLine } from './slots/asked-cart.ts';
import { knownPerson, type KnownPerson } from './slots/known-person.ts';
import { decideMessages, type MessagesSlot } from './slots/messages-slot.ts';
import type { Messages } from './slots/message.ts';
import { decideOffers, type OffersSlot } from './slots/offers-slot.ts';
import type { Offers } from './slots/offer.ts';
import { decidePayment } from './slots/payment-slot.ts';
import { decidePrefill, type PrefillSlot } from './slots/prefill-slot.ts';
import { decideShipping } from './slots/shipping-slot.ts';
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
  'slot-failed',
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

/** The part of the shop's configuration that decides, read once ({@link decisionConfigOf}). */
export interface DecisionConfig extends Pick<StoreConfig, 'payment' | 'shipping' | 'regions'> {
  readonly offers: Offers;
  readonly messages: Messages;
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
  readonly shipping: readonly ShippingOption[];
  /** What is in the cart; absent: the shop does not say. */
  readonly lines?: readonly AskedLine[];
  readonly checkoutId?: string;
  /** ISO 4217, of every amount in the request. */
  readonly currency?: string;
  /** BCP 47 */
  readonly locale?: string;
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

/** What every slot of an answer says. */
export interface SlotBase {
  readonly source: Rung;
  readonly fallbackReason: FallbackReason | null;
  /** Ids of the rules that hold in the country. */
  readonly guardrails: readonly string[];
}

/** A slot whose options the shop supplied. */
export interface OrderedSlot extends SlotBase {
  readonly options: readonly SlotOption[];
}

export interface Slots {
  readonly payment?: OrderedSlot;
  readonly shipping?: OrderedSlot;
  /** Absent where nothing may or can be filled in. */
  readonly prefill?: PrefillSlot;
  readonly offers?: OffersSlot;
  readonly messages?: MessagesSlot;
}

/** The content of an answer: what `version` is a hash of. */
export interface Decision {
  readonly version: string;
  readonly source: Ladder;
  readonly degraded: boolean;
  readonly asOf: string | null;
  readonly lagMs: number | null;
  readonly profile: { readonly level: 'none' | 'device' | 'account' } & Membership;
  readonly slots: Slots;
  /** For whoever runs the shop, not for the shopper: no part of the answer. */
  readonly report: DecisionReport;
}

export interface DecisionReport {
  /** Nothing personal was shown, as was asked for: no fallback. */
  readonly isConsentWithheld: boolean;
  /** Why the answer is worse than it could have been. */
  readonly fallbackReason: FallbackReason | null;
  /** What threw; each such part stands at its default. */
  readonly faults: readonly SlotFault[];
}

export interface SlotFault {
  readonly part: SlotName | 'segments' | 'freshness';
  readonly error: unknown;
}

/**
 * Decides one checkout. Pure: the same input gives the same answer. Every list is a permutation of the options
 * supplied (invariant 8); guardrails hold on the final order, on every rung (invariant 9). Slots stand alone: what
 * goes wrong in one costs that one its personal answer, and no other.
 */
export function decide(input: DecisionInput, config: DecisionConfig): Decision {
  const isAllowed = isConsentedBy(input, input.profile?.checkout.consent.get('personalization')?.value);
  // Where a recorded yes would have been enough and the record cannot be read, nobody can say that it was withheld.
  const isUntold =
    !isAllowed &&
    input.profile === undefined &&
    input.fallbackReason !== undefined &&
    isConsentedBy(input, true);
  const profile = isAllowed ? input.profile : undefined;
  const person = profile && knownPerson(input.level, profile, input.segments, input.now);
  // Without consent a default is what was asked for, not something that went wrong.
  const fallbackReason = ((isAllowed || isUntold) && input.fallbackReason) || null;
  const faults: SlotFault[] = [];
  const slots: Slots = Object.fromEntries(
    input.slots.flatMap((name) => {
      const slot = decideSlot(name, input, config, person, faults);
      if (slot === undefined) return [];
      const { source, ...rest } = slot;
      const reason = faults.some(({ part }) => part === name) ? 'slot-failed' : fallbackReason;
      return [[name, { source, fallbackReason: source === 'personalized' ? null : reason, ...rest }]];
    }),
  );
  const membership = guarded('segments', faults, NO_MEMBERSHIP, () => person?.membership());
  const { asOf, lagMs } = guarded(
    'freshness',
    faults,
    UNTOLD_FRESHNESS,
    () => profile && freshnessOf(profile),
  );
  const ranked = input.slots.filter((name) => (RANKED_SLOTS as readonly SlotName[]).includes(name));
  const judged = (ranked.length > 0 ? ranked : input.slots).flatMap((name) => slots[name] ?? []);
  const content = {
    source: ladderOf(new Set(judged.map(({ source }) => source)), input.isPartial),
    degraded: fallbackReason !== null || (isAllowed && input.isPartial) || faults.length > 0,
    profile: { level: isAllowed ? input.level : 'none', ...membership },
    slots,
  } as const;
  return {
    version: hashText(JSON.stringify(content), 10),
    asOf,
    lagMs,
    ...content,
    report: {
      isConsentWithheld: !isAllowed && !isUntold,
      fallbackReason:
        judged.find((slot) => slot.fallbackReason !== null)?.fallbackReason ??
        (faults.length > 0 ? 'slot-failed' : null),
      faults,
    },
  };
}

/** An answer is as good as its best slot. */
function ladderOf(rungs: ReadonlySet<Rung>, isPartial: boolean): Ladder {
  if (rungs.has('personalized')) return isPartial ? 'partial' : 'personalized';
  return rungs.has('regional') ? 'regional' : 'default';
}

export type DecidedSlot<Slot extends SlotBase> = Omit<Slot, 'fallbackReason'>;

type SlotDecider<Slot extends SlotBase> = (
  input: DecisionInput,
  config: DecisionConfig,
  /** Absent: nobody is known, or may be spoken of. */
  person: KnownPerson | undefined,
) => DecidedSlot<Slot> | undefined;

const SLOT_DECIDERS: { readonly [Name in SlotName]: SlotDecider<NonNullable<Slots[Name]>> } = {
  payment: decidePayment,
  shipping: decideShipping,
  prefill: decidePrefill,
  offers: decideOffers,
  messages: decideMessages,
};

/** One slot; if that throws, the same slot as for nobody from nowhere, guardrails and all. */
function decideSlot(
  name: SlotName,
  input: DecisionInput,
  config: DecisionConfig,
  person: KnownPerson | undefined,
  faults: SlotFault[],
): DecidedSlot<SlotBase> | undefined {
  try {
    return SLOT_DECIDERS[name](input, config, person);
  } catch (error) {
    faults.push({ part: name, error });
    return SLOT_DECIDERS[name]({ ...input, surroundings: {} }, config, undefined);
  }
}

/** What is told of the profile beside its slots; nothing, if that throws. */
function guarded<Told>(
  part: SlotFault['part'],
  faults: SlotFault[],
  nothing: Told,
  tell: () => Told | undefined,
): Told {
  try {
    return tell() ?? nothing;
  } catch (error) {
    faults.push({ part, error });
    return nothing;
  }
}

const UNTOLD_FRESHNESS: Pick<Decision, 'asOf' | 'lagMs'> = { asOf: null, lagMs: null };

function freshnessOf({ freshness }: Profile): Pick<Decision, 'asOf' | 'lagMs'> | undefined {
  return freshness && { asOf: new Date(freshness.asOf).toISOString(), lagMs: freshness.lagMs ?? null };
}

function isConsentedBy({ consent, consentRegime }: DecisionInput, recorded: boolean | undefined): boolean {
  return isConsented(consentRegime, { ...consent, ...(recorded !== undefined && { recorded }) });
}
