import type { Duration } from '../segments/segment-source.ts';
import type { AudienceSource } from './audience-source.ts';
import type { TextSource } from './localized-text.ts';

/** What a message is about. */
export type MessageSubjectSource =
  /** A cart that the account left elsewhere, changed less than `within` ago. `{lines}`: how many products. */
  | { readonly kind: 'continue-checkout'; readonly within: Duration }
  /** A ticket that is not resolved, opened less than `within` ago. `{ticket}`: its id. */
  | { readonly kind: 'support-follow-up'; readonly within: Duration }
  /** `{tier}` and `{points}`. */
  | { readonly kind: 'loyalty-status' }
  /** Whatever the shop has to say. */
  | { readonly kind: 'notice' };

export type MessageSource = AudienceSource &
  MessageSubjectSource & {
    readonly id: string;
    /** Plain text. A message that speaks of what is not known is not shown. */
    readonly text: TextSource;
  };

export interface MessagesConfig {
  /** Shown in this order. */
  readonly items: readonly MessageSource[];
}
