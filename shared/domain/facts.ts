import { EMPTY_BROWSE, mergeBrowses, type BrowseFacet } from './browse-facet.ts';
import { EMPTY_CHECKOUT, mergeCheckouts, type CheckoutFacet } from './checkout-facet.ts';
import { EMPTY_LEDGER, mergeLedgers, type Ledger } from './ledger.ts';

/** What the facets of one subject say. */
export interface Facts {
  readonly exists: boolean;
  readonly checkout: CheckoutFacet;
  readonly orders: Ledger;
  readonly browse: BrowseFacet;
  /** The freshest facet: `receivedAt` of the newest event applied, and its write time less that; ms. */
  readonly freshness?: { readonly asOf: number; readonly lagMs: number };
}

export const NO_FACTS: Facts = {
  exists: false,
  checkout: EMPTY_CHECKOUT,
  orders: EMPTY_LEDGER,
  browse: EMPTY_BROWSE,
};

/** The facts of two subjects read as one (merge law): no event belongs to both, and an order that both know counts once. */
export function mergeFacts(left: Facts, right: Facts): Facts {
  return {
    exists: left.exists || right.exists,
    checkout: mergeCheckouts(left.checkout, right.checkout),
    orders: mergeLedgers(left.orders, right.orders),
    browse: mergeBrowses(left.browse, right.browse),
    freshness: fresherOf(left.freshness, right.freshness),
  };
}

function fresherOf(left: Facts['freshness'], right: Facts['freshness']): Facts['freshness'] {
  if (left === undefined || right === undefined) return left ?? right;
  // Stryker disable next-line EqualityOperator: of two that are as fresh either will do
  return left.asOf >= right.asOf ? left : right;
}
