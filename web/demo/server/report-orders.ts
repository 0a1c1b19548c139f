import { PRODUCTS } from '../catalogue/products.ts';
import type { Order, Shopper } from './order.ts';

/** Half a minute and more of an outage, then every half minute for most of an hour. */
const TRIES = 100;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const TIMEOUT_MS = 5_000;

export interface OrderReports {
  /** Returns at once: no shopper waits for a report. */
  report(order: Order, shopper: Shopper): void;
}

/**
 * Tells Cartwright of orders from the shop's server, with the secret key. A page is no witness of money: it may be closed, blocked
 * or lie. Each message has an id made of the order's, so that one that is sent twice counts once.
 */
export function orderReports({
  apiUrl,
  secretKey,
}: {
  readonly apiUrl: string;
  readonly secretKey: string;
}): OrderReports {
  const authorization = `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`;
  const send = async (body: string, tried = 0): Promise<void> => {
    const isTaken = await fetch(`${apiUrl}/v1/batch`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      // What is refused once is refused for ever, save for "too many".
      ({ status }) => status < 500 && status !== 429,
      () => false,
    );
    if (isTaken || tried + 1 >= TRIES) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried);
    setTimeout(() => void send(body, tried + 1), waitMs).unref();
  };
  return {
    report(order, shopper) {
      // What may not be used is not told.
      if (shopper.mayBeReported) void send(JSON.stringify({ batch: messagesOf(order, shopper) }));
    },
  };
}

function messagesOf(order: Order, { anonymousId }: Shopper): readonly object[] {
  const { customer, currency } = order;
  if (customer === undefined && anonymousId === undefined) return [];
  const who = {
    ...(customer !== undefined && { userId: customer }),
    ...(anonymousId !== undefined && { anonymousId }),
    timestamp: order.placedAt,
  };
  const completed = {
    ...who,
    type: 'track',
    messageId: `${order.id}-completed`,
    event: 'Order Completed',
    properties: {
      order_id: order.id,
      checkout_id: order.checkoutId,
      total: major(order.total),
      shipping: major(order.shippingPrice),
      discount: major(order.discount),
      currency,
      payment_method: order.payment,
      shipping_method: order.shipping,
      products: order.lines.map(({ productId, quantity }) => ({
        product_id: productId,
        category: PRODUCTS[productId].category,
        quantity,
        price: major(PRODUCTS[productId].price[currency]),
      })),
    },
  };
  const { country, region, city, locale } = order;
  // An address is somebody's: a device that nobody signed in on has none.
  const identified = {
    ...who,
    type: 'identify',
    messageId: `${order.id}-address`,
    traits: { address: { country, ...(region !== undefined && { region }), city }, locale },
  };
  return customer === undefined ? [completed] : [completed, identified];
}

/** All the shop's currencies have two digits. */
function major(minorUnits: number): number {
  return minorUnits / 100;
}
