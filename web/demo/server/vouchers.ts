import { jwtVerify, SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { PRODUCTS } from '../catalogue/products.ts';
import type { Discount } from '../catalogue/discount.ts';
import type { Order } from './order.ts';

const TIMEOUT_MS = 1_000;
const VALID_FOR = '30 min';

/** Whose checkout an offer was shown in. */
export type OfferedCheckout = Pick<Order, 'checkoutId' | 'lines' | 'country' | 'currency' | 'locale'> & {
  readonly customer?: string;
  readonly anonymousId?: string;
  readonly isPersonal: boolean;
};

export interface Voucher {
  /** What the page shows when it orders. */
  readonly voucher: string;
  readonly discount: Discount;
}

export interface Vouchers {
  /** undefined: there is no such offer for this checkout, or nobody can say so now. */
  grant(offerId: string, checkout: OfferedCheckout): Promise<Voucher | undefined>;
  /** What a voucher is worth in this checkout; nothing if it is none of ours. */
  worth(voucher: unknown, checkoutId: string): Promise<Discount | undefined>;
}

/** A voucher is worth nothing for another checkout, and nothing that this run has not signed. */
export function vouchers({
  apiUrl,
  secretKey,
}: {
  readonly apiUrl: string;
  readonly secretKey: string;
}): Vouchers {
  const secret = randomBytes(32);
  return {
    async grant(offerId, checkout) {
      // What a page says that it was offered is not believed: Cartwright is asked again.
      const offers = await offersFor(checkout, apiUrl, secretKey);
      const discount = discountIn(offers.find(({ id }) => id === offerId));
      if (discount === undefined) return undefined;
      const voucher = await new SignJWT({ discount })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(checkout.checkoutId)
        .setExpirationTime(VALID_FOR)
        .sign(secret);
      return { voucher, discount };
    },
    async worth(voucher, checkoutId) {
      if (typeof voucher !== 'string') return undefined;
      try {
        const { payload } = await jwtVerify(voucher, secret, { algorithms: ['HS256'], subject: checkoutId });
        return payload.discount as Discount;
      } catch {
        return undefined;
      }
    },
  };
}

interface Offer {
  readonly id: string;
  readonly kind: string;
  readonly percent?: number;
  readonly amount?: { readonly amount: number };
  /** What must be in the cart first. */
  readonly missing?: object;
}

async function offersFor(
  checkout: OfferedCheckout,
  apiUrl: string,
  secretKey: string,
): Promise<readonly Offer[]> {
  const { lines, country, currency, locale, isPersonal, customer, anonymousId } = checkout;
  try {
    const reply = await fetch(`${apiUrl}/v1/decisions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...(isPersonal && { userId: customer, anonymousId }),
        context: { country, currency, locale, consent: { personalization: isPersonal } },
        checkout: {
          lines: lines.map(({ productId, quantity }) => ({
            productId,
            quantity,
            price: PRODUCTS[productId].price[currency],
          })),
        },
        slots: ['offers'],
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { slots } = (await reply.json()) as { slots?: { offers?: { items: readonly Offer[] } } };
    return slots?.offers?.items ?? [];
  } catch {
    return [];
  }
}

function discountIn(offer: Offer | undefined): Discount | undefined {
  if (offer === undefined || offer.missing !== undefined) return undefined;
  if (offer.kind === 'percent' && offer.percent !== undefined)
    return { kind: 'percent', percent: offer.percent };
  if (offer.kind === 'amount' && offer.amount !== undefined)
    return { kind: 'amount', amount: offer.amount.amount };
  return offer.kind === 'free-shipping' ? { kind: 'free-shipping' } : undefined;
}
