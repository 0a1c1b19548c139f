import fc from 'fast-check';
import {
  changeCart,
  closeCart,
  EMPTY_CART,
  openCart,
  replaceCart,
  type CartState,
} from '../../shared/domain/cart.ts';
import { messageName } from '../../shared/domain/register.ts';
import type { JsonObject, StreamEvent } from '../../shared/domain/stream-event.ts';
import { streamEvent } from '../events.ts';

const productId = fc.constantFrom('p1', 'p2', 'p3');
const quantity = fc.integer({ min: 1, max: 3 });
const sketch = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      event: fc.constantFrom('Product Added', 'Product Removed'),
      properties: fc.record({ product_id: productId, quantity: fc.option(quantity, { nil: undefined }) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      event: fc.constantFrom('Cart Viewed', 'Checkout Started'),
      properties: fc.record({
        products: fc.uniqueArray(fc.record({ product_id: productId, quantity }), {
          maxLength: 3,
          selector: (line) => line.product_id,
        }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      event: fc.constant('Order Completed'),
      properties: fc.record({ order_id: fc.constant('o1') }),
    }),
  },
);
const events = fc
  .array(fc.tuple(sketch, fc.integer({ min: 0, max: 30 })), { maxLength: 20, size: 'max' })
  .map((list) =>
    list.map(([event, minute], index) =>
      streamEvent({
        ...event,
        properties: JSON.parse(JSON.stringify(event.properties)) as JsonObject,
        minute,
        messageId: `m${index}`,
      }),
    ),
  );

const reduce = (cart: CartState, event: StreamEvent): CartState => {
  switch (event.message.event) {
    case 'Product Added':
      return changeCart(cart, event, 1);
    case 'Product Removed':
      return changeCart(cart, event, -1);
    case 'Order Completed':
      return closeCart(cart, event);
    default:
      return replaceCart(cart, event);
  }
};

/** The plain cart: events one after the other in the order of their time. */
function plainCart(all: readonly StreamEvent[]): ReadonlyMap<string, number> {
  const sorted = [...all].sort((a, b) => a.at - b.at || (messageName(a) < messageName(b) ? -1 : 1));
  const cart = new Map<string, number>();
  for (const { message } of sorted) {
    const {
      product_id: id,
      quantity: count,
      products = [],
    } = message.properties as {
      product_id: string;
      quantity?: number;
      products?: readonly { product_id: string; quantity: number }[];
    };
    if (message.event === 'Product Added') cart.set(id, (cart.get(id) ?? 0) + (count ?? 1));
    else if (message.event === 'Product Removed')
      cart.set(id, count === undefined ? 0 : (cart.get(id) ?? 0) - count);
    else {
      cart.clear();
      for (const line of products) cart.set(line.product_id, line.quantity);
    }
    for (const [product, left] of cart) if (left <= 0) cart.delete(product);
  }
  return cart;
}

test('the cart is what its events make of it in the order of their time, whatever order they are read in', () => {
  fc.assert(
    fc.property(events, (all) => {
      const cart = openCart(all.reduce(reduce, EMPTY_CART));

      expect(new Map(cart?.lines.map((line) => [line.productId, line.quantity]))).toEqual(plainCart(all));
    }),
    { numRuns: 500 },
  );
});

test('a Checkout Started that arrives late, and by a clock that runs ahead, does not reopen a cart that was bought', () => {
  const started = streamEvent({
    event: 'Checkout Started',
    minute: 9,
    properties: { checkout_id: 'c1', products: [{ product_id: 'p1' }] },
  });
  const completed = streamEvent({
    event: 'Order Completed',
    minute: 5,
    properties: { checkout_id: 'c1', order_id: 'o1' },
  });

  expect(openCart([completed, started].reduce(reduce, EMPTY_CART))).toBeUndefined();
  expect(openCart([started, completed].reduce(reduce, EMPTY_CART))).toBeUndefined();
});

test('a cart of thousands of changes stays small', () => {
  const flood = Array.from({ length: 5_000 }, (_, minute) =>
    streamEvent({ event: 'Product Added', minute, properties: { product_id: `p${minute}` } }),
  );

  expect(JSON.stringify(flood.reduce(reduce, EMPTY_CART)).length).toBeLessThan(4_000);
});
