import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { identityToken } from './identity-token.ts';
import { readCheckout, readOrder, type Order } from './order.ts';
import { orderReports } from './report-orders.ts';
import { sessions } from './sessions.ts';
import { vouchers, type Voucher } from './vouchers.ts';

const MAX_BODY_BYTES = 16 * 1024;
const MAX_ORDERS = 1_000;
/** A name as a person types it: letters of any script, digits, and what stands in names. */
const CUSTOMER = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} ._-]{0,39}$/u;

export interface ShopServerOptions {
  /** Origin of Cartwright's API. */
  readonly apiUrl: string;
  /** Both are secrets that only a shop's server knows. */
  readonly secretKey: string;
  readonly identitySecret: string;
  /** ms since the epoch */
  readonly now: () => number;
}

/**
 * The server side of the shop, which knows Cartwright as any shop's server does: by its API, the secret key and the secret that
 * identity tokens are signed with. Answers `/shop/…`; false: it is nothing of this.
 *
 * - `GET session`: `{}`, or who is signed in with a fresh identity token: `{"customer","token","expiresAt"}`. `POST login {"name"}`
 *   answers the same. `POST logout`.
 * - `POST offers {"offerId"}` with the checkout that it was shown in: accepts it, answers with a voucher for the order, or `{}`.
 * - `POST orders`: takes an order. `GET orders`: those of the one who is signed in. `GET orders/{id}`: one; who knows its id may see it.
 */
export function shopServer(
  options: ShopServerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const { customerOf, begin, end } = sessions();
  const reports = orderReports(options);
  const offers = vouchers(options);
  const orders = new Map<string, Order>();

  const signedIn = async (customer: string | undefined): Promise<object> =>
    customer === undefined
      ? {}
      : { customer, ...(await identityToken(customer, options.identitySecret, options.now())) };

  const accept = async (request: IncomingMessage, body: unknown): Promise<Voucher | undefined> => {
    const checkout = readCheckout(body);
    const { offerId, isPersonal } = (body ?? {}) as {
      readonly offerId?: unknown;
      readonly isPersonal?: unknown;
    };
    if (checkout === undefined || typeof offerId !== 'string') return undefined;
    const customer = customerOf(request);
    return offers.grant(offerId, {
      ...checkout,
      ...(customer !== undefined && { customer }),
      isPersonal: isPersonal === true && !isRefusedBy(request),
    });
  };

  const place = async (request: IncomingMessage, body: unknown): Promise<Order | undefined> => {
    const checkout = readCheckout(body);
    if (checkout === undefined) return undefined;
    const { voucher } = body as { readonly voucher?: unknown };
    const discount = await offers.worth(voucher, checkout.checkoutId);
    // Whoever clicks twice, or tries again after an answer that was lost, has ordered once.
    const before = [...orders.values()].find(({ checkoutId }) => checkoutId === checkout.checkoutId);
    if (before !== undefined) return before;
    const customer = customerOf(request);
    const read = readOrder(body, checkout, discount, {
      id: randomUUID(),
      placedAt: new Date(options.now()).toISOString(),
      ...(customer !== undefined && { customer }),
    });
    if (read === undefined) return undefined;
    orders.set(read.order.id, read.order);
    for (const oldest of orders.keys()) {
      if (orders.size <= MAX_ORDERS) break;
      orders.delete(oldest);
    }
    const { mayBeReported } = read.shopper;
    reports.report(read.order, { ...read.shopper, mayBeReported: mayBeReported && !isRefusedBy(request) });
    return read.order;
  };

  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://shop');
    if (!pathname.startsWith('/shop/')) return false;
    const call = `${request.method} ${pathname.slice('/shop/'.length)}`;
    const orderId = /^GET orders\/([\w-]+)$/.exec(call)?.[1];
    if (orderId !== undefined) {
      const order = orders.get(orderId);
      return order === undefined ? answer(response, 404, {}) : answer(response, 200, order);
    }
    switch (call) {
      case 'GET session':
        return answer(response, 200, await signedIn(customerOf(request)));
      case 'POST login': {
        const { name } = ((await readJson(request)) ?? {}) as { readonly name?: unknown };
        const customer = typeof name === 'string' ? name.trim().toLowerCase() : '';
        if (!CUSTOMER.test(customer)) return answer(response, 400, {});
        return answer(response, 200, await signedIn(customer), begin(customer));
      }
      case 'POST logout':
        return answer(response, 200, {}, end(request));
      case 'POST offers': {
        const voucher = await accept(request, await readJson(request));
        return answer(response, 200, voucher ?? {});
      }
      case 'POST orders': {
        const order = await place(request, await readJson(request));
        return order === undefined ? answer(response, 400, {}) : answer(response, 200, order);
      }
      case 'GET orders': {
        const customer = customerOf(request);
        const own = [...orders.values()].filter((order) => order.customer === customer).reverse();
        return customer === undefined ? answer(response, 401, {}) : answer(response, 200, { orders: own });
      }
      default:
        return false;
    }
  };
}

/** Global Privacy Control, which is the shop's to honour too. */
function isRefusedBy(request: IncomingMessage): boolean {
  return request.headers['sec-gpc'] === '1';
}

function answer(response: ServerResponse, status: number, body: object, cookie?: string): true {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(cookie !== undefined && { 'set-cookie': cookie }),
  });
  response.end(JSON.stringify(body));
  return true;
}

/** undefined: no JSON, or too much of it. Another site's form cannot send JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= MAX_BODY_BYTES) parts.push(part);
  }
  if (size > MAX_BODY_BYTES || !request.headers['content-type']?.startsWith('application/json'))
    return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return undefined;
  }
}
