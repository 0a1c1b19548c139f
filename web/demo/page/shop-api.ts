import type { CountryCode, PaymentId, ShippingId } from '../catalogue/countries.ts';
import type { Currency } from '../catalogue/currency.ts';
import type { Discount } from '../catalogue/discount.ts';
import type { CartLine } from '../catalogue/total.ts';

/** An order as the shop's server took it. Amounts are minor units. */
export interface PlacedOrder {
  readonly id: string;
  readonly placedAt: string;
  readonly lines: readonly CartLine[];
  readonly currency: Currency;
  readonly payment: PaymentId;
  readonly shipping: ShippingId;
  readonly total: number;
}

/** A checkout that is under way, as the page knows it. */
export interface OpenCheckout {
  readonly checkoutId: string;
  readonly lines: readonly CartLine[];
  readonly country: CountryCode;
  readonly locale: string;
  readonly anonymousId: string | undefined;
}

export interface NewOrder extends OpenCheckout {
  readonly payment: string;
  readonly shipping: string;
  readonly city: string;
  readonly region: string;
  /** Of an offer that was accepted. */
  readonly voucher: string | undefined;
  readonly mayBeReported: boolean;
}

/** An offer that the shopper has taken, and that the shop's server has agreed to. */
export interface AcceptedOffer {
  readonly voucher: string;
  readonly discount: Discount;
}

/** Who is signed in, with what proves it to Cartwright; nobody: nothing. */
export interface Session {
  readonly customer?: string;
  readonly token?: string;
  readonly expiresAt?: string;
}

/** The shop's own server. Each call answers `undefined` when it does not get what it wants. */
export const shopApi = {
  async session(): Promise<Session | undefined> {
    return ask('session');
  },
  async login(name: string): Promise<Session | undefined> {
    return ask('login', { name });
  },
  async logout(): Promise<boolean> {
    return (await ask('logout', {})) !== undefined;
  },
  async acceptOffer(
    offer: OpenCheckout & { readonly offerId: string; readonly isPersonal: boolean },
  ): Promise<AcceptedOffer | undefined> {
    const accepted = await ask<Partial<AcceptedOffer>>('offers', offer);
    return accepted?.voucher === undefined ? undefined : (accepted as AcceptedOffer);
  },
  async order(order: NewOrder): Promise<PlacedOrder | undefined> {
    return ask('orders', order);
  },
  async orderOf(id: string): Promise<PlacedOrder | undefined> {
    return ask(`orders/${encodeURIComponent(id)}`);
  },
  async orders(): Promise<readonly PlacedOrder[]> {
    return (await ask<{ readonly orders: readonly PlacedOrder[] }>('orders'))?.orders ?? [];
  },
} as const;

async function ask<Answer>(call: string, body?: object): Promise<Answer | undefined> {
  try {
    const reply = await fetch(`/shop/${call}`, {
      ...(body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    return reply.ok ? ((await reply.json()) as Answer) : undefined;
  } catch {
    return undefined;
  }
}
