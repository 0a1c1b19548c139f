/** One line of the cart at checkout, as the shop sends it. */
export interface AskedLine {
  readonly productId: string;
  readonly quantity: number;
  /** Integer minor units of the request's currency, of one. */
  readonly price?: number;
}

/** What the request itself says of its cart: nobody's personal data. */
export interface AskedCart {
  /** Minor units of the request's currency, of the lines whose price is known; undefined: beyond what an integer holds exactly. */
  readonly subtotal: number | undefined;
  /** Every line has a price: the subtotal is all there is to pay for. */
  readonly isPriced: boolean;
  readonly quantity: number;
  readonly products: ReadonlySet<string>;
}

/** Undefined: the shop does not say what is in it. A line of a broken quantity is rounded to whole minor units. */
export function askedCart(lines: readonly AskedLine[] | undefined): AskedCart | undefined {
  if (lines === undefined) return undefined;
  let subtotal: number | undefined = 0;
  let quantity = 0;
  let isPriced = true;
  for (const { price, ...line } of lines) {
    quantity += line.quantity;
    if (price === undefined) isPriced = false;
    else subtotal = exactSum(subtotal, exactly(Math.round(price * line.quantity)));
  }
  return { subtotal, isPriced, quantity, products: new Set(lines.map(({ productId }) => productId)) };
}

function exactSum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : exactly(left + right);
}

function exactly(amount: number): number | undefined {
  return Number.isSafeInteger(amount) ? amount : undefined;
}
