import { decide, type Decision, type DecisionConfig, type DecisionInput } from '../shared/domain/decide.ts';
import { decisionConfigOf } from '../shared/domain/decision-config.ts';
import type { Profile } from '../shared/domain/profile.ts';
import type { MessageSource } from '../shared/domain/slots/message-source.ts';
import type { OfferSource } from '../shared/domain/slots/offer-source.ts';
import type { StoreConfig } from '../shared/domain/store-config.ts';
import type { StreamEvent } from '../shared/domain/stream-event.ts';
import { store } from '../store.config.ts';
import { shelf } from './events.ts';
import { SEGMENTS } from './segments.ts';

/** Noon of 15 January 2026, where the minutes of made-up events count from. */
export const NOON = Date.UTC(2026, 0, 15, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The configuration that ships, with other parts. */
export const storeWith = (parts: Partial<StoreConfig>): StoreConfig => ({ ...store, ...parts });
export const storeOffering = (offers: readonly OfferSource[], more: Partial<StoreConfig> = {}): StoreConfig =>
  storeWith({ ...more, offers: { guardrails: store.offers.guardrails, items: offers } });
export const offering = (...offers: readonly OfferSource[]): DecisionConfig =>
  decisionConfigOf(storeOffering(offers));
export const saying = (...items: readonly MessageSource[]): DecisionConfig =>
  decisionConfigOf(storeWith({ messages: { items } }));

/** Somebody of whom these events are known, critical and bulk ones. */
export function personWith(critical: readonly StreamEvent[], bulk: readonly StreamEvent[] = []): Profile {
  const items = shelf();
  items.fold(critical);
  items.fold(bulk, { lane: 'bulk' });
  return items.profile();
}

/** A request at an hour past noon, of an account that agrees to everything, unless a test says otherwise. */
export const asked = (more: Partial<DecisionInput> = {}): DecisionInput => ({
  level: 'account',
  isPartial: false,
  payment: [],
  shipping: [],
  slots: ['prefill', 'offers', 'messages'],
  segments: SEGMENTS,
  surroundings: {},
  consent: { globalPrivacyControl: false },
  consentRegime: 'opt-out',
  now: NOON + HOUR,
  explain: false,
  ...more,
});

export const decided = (more: Partial<DecisionInput>, config: DecisionConfig): Decision =>
  decide(asked(more), config);
export const offersIn = ({ slots }: Decision) => slots.offers?.items ?? [];
export const messagesIn = ({ slots }: Decision) => slots.messages?.items ?? [];
