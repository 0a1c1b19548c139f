import { isProductId, type ProductId } from '../catalogue/products.ts';
import type { CartLine } from '../catalogue/total.ts';
import { keep, readKept } from './kept.ts';

const MOST = 20;

export interface Cart {
  lines(): readonly CartLine[];
  /** How many things are in it. */
  count(): number;
  /** Of the checkout that this cart is on its way to: the same until it is ordered. */
  checkoutId(): string;
  /** @returns by how many the line changed */
  change(productId: ProductId, by: number): number;
  empty(): void;
}

/** The cart of this browser. */
export function cartOf(onChange: () => void): Cart {
  let { checkoutId, lines } = readKept('cart', readCart);
  const keepIt = (): void => {
    keep('cart', { checkoutId, lines });
    onChange();
  };
  return {
    lines: () => lines,
    count: () => lines.reduce((sum, { quantity }) => sum + quantity, 0),
    checkoutId: () => checkoutId,
    change(productId, by) {
      const before = lines.find((line) => line.productId === productId)?.quantity ?? 0;
      const quantity = Math.min(MOST, Math.max(0, before + by));
      const changed = { productId, quantity };
      const others = lines.map((line) => (line.productId === productId ? changed : line));
      lines = (before === 0 ? [...others, changed] : others).filter((line) => line.quantity > 0);
      keepIt();
      return quantity - before;
    },
    empty() {
      lines = [];
      checkoutId = crypto.randomUUID();
      keepIt();
    },
  };
}

function readCart(said: unknown): { checkoutId: string; lines: readonly CartLine[] } {
  const { checkoutId, lines } = (said ?? {}) as { readonly checkoutId?: unknown; readonly lines?: unknown };
  return {
    checkoutId: typeof checkoutId === 'string' ? checkoutId : crypto.randomUUID(),
    lines: (Array.isArray(lines) ? (lines as readonly CartLine[]) : []).filter(
      ({ productId, quantity }) => isProductId(productId) && Number.isInteger(quantity) && quantity > 0,
    ),
  };
}
