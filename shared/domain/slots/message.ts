import type { Audience } from './audience.ts';
import type { LocalizedText } from './localized-text.ts';

/** Of carts and tickets: how long ago at most, in ms. */
export type MessageSubject =
  | { readonly kind: 'continue-checkout' | 'support-follow-up'; readonly withinMs: number }
  | { readonly kind: 'loyalty-status' }
  | { readonly kind: 'notice' };

export interface Message {
  readonly id: string;
  readonly subject: MessageSubject;
  readonly text: LocalizedText;
  readonly audience: Audience;
}

/** A shop's messages, read and checked. */
export interface Messages {
  readonly items: readonly Message[];
}
