import type { ConditionSource, Duration } from '../segments/segment-source.ts';
import type { AmountSource } from './amounts.ts';

/** Whom an offer or a message is for, and when: all that is said must hold. Nothing said: everybody, always. */
export interface AudienceSource {
  /** Ids of segments: somebody in one of them. */
  readonly segments?: readonly string[];
  /** A condition in the language of segments. What looks back at events stands in a segment, named here by `$segment`. */
  readonly when?: ConditionSource;
  readonly cart?: CartSource;
  readonly validity?: ValiditySource;
}

/** What must at least be in the request's own cart: adding to a cart takes nothing away. */
export interface CartSource {
  readonly subtotal?: AmountSource;
  readonly quantity?: number;
  /** Ids of products: one of them. */
  readonly products?: readonly string[];
}

/** From a time, until a time (ISO 8601), and for a while after something that happens once. */
export type ValiditySource = { readonly from?: string; readonly until?: string } & (
  | { readonly lasts: Duration; readonly after: AnchorSource }
  | { readonly lasts?: never; readonly after?: never }
);

/**
 * What a countdown starts at. It is read from the profile at every ask, so it must be a time that no visit moves: the
 * first event of a name, or the last order.
 */
export type AnchorSource = 'orders.lastAt' | { readonly $first: string };
