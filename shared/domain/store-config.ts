import type { RatesConfig } from './exchange-rates.ts';
import type { SegmentsConfig } from './segments/segment-source.ts';
import type { MessagesConfig } from './slots/message-source.ts';
import type { OffersConfig } from './slots/offer-source.ts';
import type { Lane } from './stream-event.ts';

/** Names of the stages a shop deploys; `dev` is also what runs on one machine. */
export type StageName = 'dev' | 'prod';

/** Without a choice of its own, consent is needed first (`opt-in`) or assumed until refused (`opt-out`). */
export type ConsentRegime = 'opt-in' | 'opt-out';

/** How much a lane's stream takes in and how many batches are folded at once. */
export interface LaneSettings {
  /**
   * A number: that many shards, each 1 MB or 1,000 events a second, about 11 USD a month, resized by hand.
   * `on-demand`: sized by AWS itself, from about 29 USD a month a stream.
   */
  readonly shards: number | 'on-demand';
  /** 1 to 10 batches of one shard folded at once; one subject's events stay in order all the same. */
  readonly batchesPerShard: number;
  /**
   * Invocations at a time that are kept for this lane's fold, and the most it may have: the other lane can neither take nor lose
   * any of them. Comes out of the account's quota, of which 100 must stay unreserved. Absent: the account's common pool.
   */
  readonly reservedConcurrency?: number;
}

/**
 * Who may vouch for a shopper's `userId` with a signed token. Absent altogether: the shop's own servers, which know the stage's
 * identity secret (HS256).
 */
export interface IdentitySettings {
  /** The service that logs shoppers in: RS256 or ES256, by the keys that it publishes. */
  readonly jwks?: {
    /** Of its JWK set (RFC 7517): `https://…`; plain HTTP only on this machine. */
    readonly url: string;
    /** Tokens must name it in `aud`. Where one issuer signs for several applications, leave it out and all of them vouch. */
    readonly audience?: string;
    /** Tokens must have it as `iss`. */
    readonly issuer?: string;
  };
  /** Whether tokens under the identity secret count too. Default true. */
  readonly sharedSecret?: boolean;
}

export interface StageSettings {
  /** `prod` does not synthesize until the shop has chosen. */
  readonly consentRegime?: ConsentRegime;
  /** Browser origins that may call the API, e.g. `https://shop.example`. */
  readonly allowedOrigins: readonly string[];
  /** A push subscription per shard of the critical lane: about 70 ms of lag instead of a second, for a fixed price. */
  readonly enhancedFanOut: boolean;
  readonly lanes: Readonly<Record<Lane, LaneSettings>>;
  /** 24 to 168 (a week is the longest that a failing record can be retried). */
  readonly streamRetentionHours: number;
  readonly pointInTimeRecovery: boolean;
  /** `retain`: tables, streams, secrets and buckets outlive their stack. */
  readonly onDelete: 'retain' | 'destroy';
  readonly logRetentionDays: number;
  /**
   * The share, 0 to 1, of the traces that senders name (`traceparent`) that the functions log, a line of about 400
   * bytes each; nothing is logged of events and decisions without one unless something is wrong.
   */
  readonly traceSampleRate: number;
  /** Seconds that events gather before a region's counts take them in: longer is fewer writes. 0 to 300. */
  readonly regionsWindowSeconds: number;
  /** Minutes from one audit to the next. 15 to 360: less often finds losses late, more often compares fewer profiles whole. */
  readonly auditEveryMinutes: number;
  /** From the handler's entry, for the whole decision. */
  readonly decisionDeadlineMs: number;
  /**
   * `canary`: a new version of a function serves a tenth of the calls for a quarter of an hour, then all, and is taken back
   * as soon as a service level is missed. `all-at-once`: at once, for stages without shoppers, and to deploy what mends an alarm.
   */
  readonly deployment: 'all-at-once' | 'canary';
  readonly identity?: IdentitySettings;
  /**
   * The stream in which it is told who enters and leaves the segments that are announced. Its price is that of a lane's
   * stream; besides, each batch of a person's events takes one more read, and each person one more item. Absent: nothing is announced.
   */
  readonly changes?: Pick<LaneSettings, 'shards'>;
  /** Of the whole API; beyond it API Gateway answers 429. Bounds what a flood can cost. */
  readonly requestsPerSecond: number;
  /**
   * Who is told when a service level is missed; AWS asks that person once to confirm. Absent: nobody, until somebody
   * subscribes to the output `AlarmTopic`.
   */
  readonly alarmEmail?: string;
}

export type CreditKind = 'no' | 'maybe' | 'yes';

/** A rule of law or of the shop, applied after all personalization. */
export type GuardrailRule =
  | { readonly rule: 'order-by-credit'; readonly order: readonly CreditKind[] }
  | { readonly rule: 'credit-not-preselected' }
  | { readonly rule: 'nothing-preselected' };

export interface GuardrailScope {
  readonly id: string;
  /** ISO 3166-1 alpha-2; absent: everywhere. */
  readonly countries?: readonly string[];
  /** Where the rule is written down. */
  readonly source: string;
}

export type Guardrail = GuardrailRule & GuardrailScope;

export type ShippingGuardrailRule =
  /** Whatever anybody chose before, the order is by price. */
  | { readonly rule: 'cheapest-first' }
  /** The cheapest option is preselected, and never a dearer one; without all prices, none is. */
  | { readonly rule: 'cheapest-preselected' };

export type ShippingGuardrail = ShippingGuardrailRule & GuardrailScope;

/** How regions speak for shoppers whose own habits are few. */
export interface RegionsConfig {
  /** Fewer different shoppers than this, and a region (or country) says nothing. */
  readonly minimumPopulation: number;
  /** As many own uses as all of a region's shoppers weigh, for somebody with habits. */
  readonly weight: number;
  /** Months after which a region's choices weigh half. */
  readonly halfLifeMonths: number;
  /** How often a running function reads a region's counts again, beside decisions. */
  readonly refreshSeconds: number;
  /** Counts that could not be read again for so long are not used. */
  readonly staleAfterSeconds: number;
}

export interface StoreConfig {
  readonly name: string;
  readonly payment: {
    /** Months after which an own use weighs half. */
    readonly halfLifeMonths: number;
    /** The share of shoppers who are assumed to have habits until their choices tell, above 0, at most 1. */
    readonly habitPrior: number;
    readonly guardrails: readonly Guardrail[];
  };
  readonly shipping: {
    /** Months after which an own choice weighs half. */
    readonly halfLifeMonths: number;
    /** The share of shoppers who are assumed to have habits until their choices tell, above 0, at most 1. */
    readonly habitPrior: number;
    readonly guardrails: readonly ShippingGuardrail[];
  };
  readonly regions: RegionsConfig;
  readonly segments: SegmentsConfig;
  /** The language (BCP 47) that every text is written in: what is said where none is nearer. */
  readonly defaultLocale: string;
  /** Absent: an amount stands only for the currencies that it is stated in. */
  readonly rates?: RatesConfig;
  readonly offers: OffersConfig;
  readonly messages: MessagesConfig;
  readonly stages: Readonly<Record<StageName, StageSettings>>;
}

/** Types the one file a shop edits; {@link checkStoreConfig} says what is wrong with its values. */
export function defineStore(config: StoreConfig): StoreConfig {
  return config;
}

/** The settings of the stage a function runs in. Throws for a name that is no stage: its stack never sets one. */
export function stageSettingsOf(config: StoreConfig, stage: string): StageSettings {
  if (stage !== 'dev' && stage !== 'prod') throw new Error(`there is no stage ${stage}`);
  return config.stages[stage];
}
