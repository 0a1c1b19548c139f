import type { ConsentCategories } from './consent.ts';

/** Money is integer minor units. */
export interface Amount {
  readonly amount: number;
  readonly currency: string;
}

export interface OfferedOption {
  readonly id: string;
  /** Of a way to pay: `card`, `debit`, `bnpl`, `wallet`, `transfer`, `voucher`, `cash`, `invoice`. */
  readonly kind?: string;
  readonly credit?: 'no' | 'maybe' | 'yes';
  /** Of a way to ship, minor units. */
  readonly price?: number;
  readonly etaDays?: number;
}

export interface CartLine {
  readonly productId: string;
  readonly quantity: number;
  /** minor units */
  readonly price?: number;
}

/** What a checkout is about to show, in the shop's own order. */
export interface DecideRequest {
  readonly checkout: {
    readonly id?: string;
    readonly lines?: readonly CartLine[];
    readonly payment?: readonly OfferedOption[];
    readonly shipping?: readonly OfferedOption[];
  };
  readonly context?: {
    readonly country?: string;
    readonly region?: string;
    readonly currency?: string;
    readonly locale?: string;
    readonly consent?: ConsentCategories;
  };
  /** All that apply, if absent. */
  readonly slots?: readonly string[];
}

/** Where an answer comes from; the last two are of this browser's own making. */
export type Source = 'personalized' | 'partial' | 'regional' | 'default' | 'cached' | 'store-default';

export interface RankedOption {
  readonly id: string;
  /** 1 is first. */
  readonly rank: number;
  readonly preselected: boolean;
  readonly reasons: readonly string[];
}

export interface OptionsSlot {
  readonly source: Source;
  readonly fallbackReason: string | null;
  /** Those that were asked about, each once. */
  readonly options: readonly RankedOption[];
  readonly guardrails: readonly string[];
}

export interface PrefillSlot {
  readonly source: Source;
  readonly fields: {
    readonly address?: { readonly country: string; readonly region?: string; readonly city?: string };
    readonly locale?: string;
    readonly currency?: string;
  };
}

export interface Offer {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly percent?: number;
  readonly amount?: Amount;
  /** What must be added to the cart to get it. */
  readonly missing?: Amount;
  /** ISO 8601; null: it does not end */
  readonly endsAt: string | null;
  /** Nothing is ticked in advance. */
  readonly preselected: false;
  readonly reasons: readonly string[];
}

export interface CheckoutMessage {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly locale: string;
  /** What was left on another device. */
  readonly cart?: {
    readonly lines: readonly CartLine[];
    readonly currency: string;
    readonly updatedAt: string;
  };
  readonly reasons: readonly string[];
}

export interface Slots {
  readonly payment?: OptionsSlot;
  readonly shipping?: OptionsSlot;
  readonly prefill?: PrefillSlot;
  readonly offers?: { readonly source: Source; readonly items: readonly Offer[] };
  readonly messages?: { readonly source: Source; readonly items: readonly CheckoutMessage[] };
}

/** Why the answer is not the server's own of this moment. */
export type Shortfall = 'timeout' | 'offline' | 'network' | 'http' | 'withdrawn' | 'error';

export interface Answer {
  readonly source: Source;
  readonly reason: Shortfall | null;
  readonly decisionId: string | null;
  readonly version: string | null;
  readonly profile: {
    readonly level: 'none' | 'device' | 'account';
    readonly segments: readonly string[];
    readonly journeyStage: string | null;
  } | null;
  /** receivedAt of the newest event in it */
  readonly asOf: string | null;
  readonly lagMs: number | null;
  readonly degraded: boolean;
  readonly tokenRejected: string | null;
  readonly slots: Slots;
}
