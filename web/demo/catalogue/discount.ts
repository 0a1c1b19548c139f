/** What an offer that was accepted takes off an order. */
export type Discount =
  | { readonly kind: 'percent'; readonly percent: number }
  /** Minor units of the order's currency. */
  | { readonly kind: 'amount'; readonly amount: number }
  | { readonly kind: 'free-shipping' };

/**
 * What is off, minor units; never more than there is.
 *
 * @example discountOf({ kind: 'percent', percent: 10 }, { subtotal: 6_400, shipping: 490 }) // 640
 */
export function discountOf(
  discount: Discount | undefined,
  { subtotal, shipping }: { readonly subtotal: number; readonly shipping: number },
): number {
  switch (discount?.kind) {
    case undefined:
      return 0;
    case 'percent':
      return Math.round((subtotal * discount.percent) / 100);
    case 'amount':
      return Math.min(subtotal, discount.amount);
    case 'free-shipping':
      return shipping;
  }
}
