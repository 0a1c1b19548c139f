/** One line of the cart at checkout, as the shop sends it. */
export interface AskedLine {
  readonly productId: string;
  readonly quantity: number;
  /** Integer minor units of the request's currency, of one. */
  readonly price?: number;
}

/** What the request itself says of its cart: nobody's personal data. */
export interface AskedCart {
  /** Minor units of the request's currency, of the lines whose price is known. */
  readonly subtotal: number;
  /** Every line has a price: the subtotal is all there is to pay for. */
  readonly isPriced: boolean;
  readonly quantity: number;
  readonly products: ReadonlySet<string>;
}

/** Undefined: the shop does not say what is in it. A line of a broken quantity is rounded to whole minor units. */
export function askedCart(lines: readonly AskedLine[] | undefined): AskedCart | undefined {
  if (lines === undefined) return undefined;
  let subtotal = 0;
  let quantity = 0;
  let isPriced = true;
  for (const line of lines) {
    const total = Math.round((line.price ?? NaN) * line.quantity);
    quantity += line.quantity;
    if (Number.isSafeInteger(subtotal + total)) subtotal += total;
    else isPriced = false;
  }
  return { subtotal, isPriced, quantity, products: new Set(lines.map(({ productId }) => productId)) };
}
