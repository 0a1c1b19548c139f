import fc from 'fast-check';
import { arrangeKnown, optionNamed } from '../../shared/providers/arrange-known.ts';
import { adyenDropin } from '../../shared/providers/adyen-payment-methods.ts';
import { decisionAttribute, parseDecisionAttribute } from '../../shared/providers/decision-attribute.ts';
import {
  shopifyDeliveryOperations,
  shopifyPaymentOperations,
} from '../../shared/providers/shopify-operations.ts';
import { stripePaymentElement, type StripeMethod } from '../../shared/providers/stripe-payment-element.ts';
import { shopifyOutput } from '../shopify-output.ts';

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__', 'constructor', 'toString');
const names = fc.constantFrom('card', 'pix', 'klarna', 'swish', 'boleto', 'constructor', 'link');

/** In any order, at most one preselected. */
const decided = fc
  .record({ ids: fc.uniqueArray(ids), chosen: fc.option(fc.nat({ max: 7 }), { nil: undefined }) })
  .map(({ ids: listed, chosen }) => listed.map((id, at) => ({ id, preselected: at === chosen })));
/** Own properties only, `__proto__` among them. */
const table = fc.dictionary(ids, names).map((named) => named);
const offered = fc.uniqueArray(names);

const sorted = (list: readonly string[]) => [...list].sort();

test('a provider’s list is only put in order: nothing is dropped, nothing invented', () => {
  fc.assert(
    fc.property(decided, table, offered, (options, named, list) => {
      const { methods } = arrangeKnown(options, named, list, (name) => [name]);

      expect(sorted(methods)).toEqual(sorted(list));
    }),
  );
});

test('what nobody decided on stays at its place, and is told', () => {
  fc.assert(
    fc.property(decided, table, offered, (options, named, list) => {
      const { methods, untouched } = arrangeKnown(options, named, list, (name) => [name]);
      const decidedNames = options.flatMap(({ id }) => (Object.hasOwn(named, id) ? [named[id]] : []));

      for (const [place, name] of list.entries()) {
        expect(untouched.includes(name)).toBe(!decidedNames.includes(name));
        if (untouched.includes(name)) expect(methods[place]).toBe(name);
      }
    }),
  );
});

test('two methods that stand for one option each are in the order of the decision', () => {
  fc.assert(
    fc.property(decided, table, offered, (options, named, list) => {
      const { methods } = arrangeKnown(options, named, list, (name) => [name]);
      const singles = options
        .filter(({ id }) => Object.hasOwn(named, id))
        .map(({ id }) => named[id]!)
        .filter((name, _, all) => all.filter((one) => one === name).length === 1 && list.includes(name));

      expect(methods.filter((name) => singles.includes(name))).toEqual(singles);
    }),
  );
});

test('an order that is carried over twice is the same as once', () => {
  fc.assert(
    fc.property(decided, table, offered, (options, named, list) => {
      const once = arrangeKnown(options, named, list, (name) => [name]);
      const twice = arrangeKnown(options, named, once.methods, (name) => [name]);

      expect(twice).toEqual({ ...once, untouched: twice.untouched });
    }),
  );
});

test('nothing is preselected at a provider that the decision does not preselect', () => {
  fc.assert(
    fc.property(decided, table, offered, (options, named, list) => {
      const { preselected } = arrangeKnown(options, named, list, (name) => [name]);
      const chosen = options.find((option) => option.preselected);

      if (preselected !== undefined) {
        expect(named[chosen!.id]).toBe(preselected);
        expect(
          options.filter(({ id }) => Object.hasOwn(named, id) && named[id] === preselected),
        ).toHaveLength(1);
      }
    }),
  );
});

test('where one method stands for several options it stands where the last of them does', () => {
  fc.assert(
    fc.property(decided, table, (options, named) => {
      const { paymentMethodOrder } = stripePaymentElement(
        options,
        named as Record<string, StripeMethod>,
      ).options;
      const lastPlace = (name: string) =>
        options.findLastIndex(({ id }) => Object.hasOwn(named, id) && named[id] === name);

      expect(paymentMethodOrder).toEqual(
        [...paymentMethodOrder].sort((left, right) => lastPlace(left) - lastPlace(right)),
      );
      expect(new Set(paymentMethodOrder).size).toBe(paymentMethodOrder.length);
    }),
  );
});

test('a chosen name leads back to the option that was decided on', () => {
  fc.assert(
    fc.property(table, (named) => {
      for (const id of Object.keys(named)) {
        const isAlone = Object.values(named).filter((name) => name === named[id]).length === 1;

        expect(optionNamed(named, named[id]!)).toBe(isAlone ? id : undefined);
      }
    }),
  );
});

test('Stripe’s element opens on its first method or on none, and only if that is preselected', () => {
  fc.assert(
    fc.property(decided, table, (options, named) => {
      const { paymentMethodOrder, layout } = stripePaymentElement(
        options,
        named as Record<string, StripeMethod>,
      ).options;
      const chosen = options.find(({ preselected }) => preselected)?.id;

      if (!layout.defaultCollapsed) expect(named[chosen ?? '']).toBe(paymentMethodOrder[0]);
    }),
  );
});

test('Adyen’s response keeps all that it says, in another order', () => {
  const methods = fc.uniqueArray(fc.record({ type: names, name: fc.string() }), {
    selector: ({ type }) => type,
  });
  fc.assert(
    fc.property(decided, table, methods, (options, named, paymentMethods) => {
      const response = { paymentMethods, storedPaymentMethods: [{ id: '1', type: 'card' }] };
      const dropin = adyenDropin(options, named, response);

      expect(dropin.paymentMethodsResponse.storedPaymentMethods).toBe(response.storedPaymentMethods);
      expect(new Set(dropin.paymentMethodsResponse.paymentMethods)).toEqual(new Set(paymentMethods));
      expect(dropin.paymentMethodsResponse.paymentMethods).toHaveLength(paymentMethods.length);
    }),
  );
});

/** Shopify’s words: each operation places an item at an index of the list as it then is. */
function moved(list: readonly string[], moves: readonly { readonly id: string; readonly index: number }[]) {
  const now = [...list];
  for (const { id, index } of moves) {
    now.splice(now.indexOf(id), 1);
    now.splice(index, 0, id);
  }
  return now;
}

/** The other reading: all indexes are meant in the final list, the rest fills what is left. */
function assigned(
  list: readonly string[],
  moves: readonly { readonly id: string; readonly index: number }[],
) {
  const placed = new Map(moves.map(({ id, index }) => [index, id]));
  const rest = list.filter((id) => !moves.some((move) => move.id === id));
  return list.map((_, index) => placed.get(index) ?? rest.shift()!);
}

test('Shopify’s moves come to the decided order, however they are read, are valid, and are none the second time', () => {
  fc.assert(
    fc.property(decided, table, offered, (options, named, list) => {
      const wanted = arrangeKnown(options, named, list, (name) => [name]).methods;
      const methodsOf = (order: readonly string[]) => order.map((name) => ({ id: `gid/${name}`, name }));
      const { result } = shopifyPaymentOperations(options, named, methodsOf(list));
      const moves = result.operations.map(({ paymentMethodMove: { paymentMethodId, index } }) => ({
        id: paymentMethodId.slice(4),
        index,
      }));

      expect(shopifyOutput('payment', result)).toEqual([]);
      expect(moved(list, moves)).toEqual(wanted);
      expect(assigned(list, moves)).toEqual(wanted);
      expect(shopifyPaymentOperations(options, named, methodsOf(wanted)).result.operations).toEqual([]);
    }),
  );
});

const delivery = fc.uniqueArray(
  fc.record({
    title: names,
    cost: fc.record({ amount: fc.constantFrom('0.0', '4.90', '12.0', '9', '10.00') }),
    deliveryMethodType: fc.constantFrom('SHIPPING', 'SHIPPING', 'PICK_UP'),
  }),
  { selector: ({ title }) => title },
);

test('Shopify’s delivery groups begin with their cheapest shipping, and pickup stays where it is', () => {
  fc.assert(
    fc.property(decided, table, fc.array(delivery, { maxLength: 3 }), (options, named, lists) => {
      const groups = lists.map((list, group) => ({
        deliveryOptions: list.map((option) => ({ ...option, handle: `${group}-${option.title}` })),
      }));
      const { result } = shopifyDeliveryOperations(options, named, groups);
      const moves = result.operations.map(({ deliveryOptionMove: { deliveryOptionHandle, index } }) => ({
        id: deliveryOptionHandle,
        index,
      }));

      expect(shopifyOutput('delivery', result)).toEqual([]);
      for (const [group, { deliveryOptions }] of groups.entries()) {
        const own = moves.filter(({ id }) => id.startsWith(`${group}-`));
        const handles = deliveryOptions.map(({ handle }) => handle);
        const after = moved(handles, own);
        const byHandle = new Map(deliveryOptions.map((option) => [option.handle, option]));
        const shipping = after.map((handle) => byHandle.get(handle)!).filter(isShipping);

        expect(assigned(handles, own)).toEqual(after);
        for (const { cost } of shipping)
          expect(Number(cost.amount)).toBeGreaterThanOrEqual(Number(shipping[0]!.cost.amount));
        for (const [place, option] of deliveryOptions.entries())
          if (!isShipping(option)) expect(after[place]).toBe(option.handle);
      }
      const again = groups.map(({ deliveryOptions }, group) => {
        const order = moved(
          deliveryOptions.map(({ handle }) => handle),
          moves.filter(({ id }) => id.startsWith(`${group}-`)),
        );
        return {
          deliveryOptions: order.map((handle) => deliveryOptions.find((one) => one.handle === handle)!),
        };
      });
      expect(shopifyDeliveryOperations(options, named, again).result.operations).toEqual([]);
    }),
  );
});

const isShipping = ({ deliveryMethodType }: { readonly deliveryMethodType: string }) =>
  deliveryMethodType === 'SHIPPING';

test('an order comes back from a cart attribute as it was written', () => {
  fc.assert(
    fc.property(decided, decided, (payment, shipping) => {
      const text = decisionAttribute({ payment: { options: payment }, shipping: { options: shipping } });

      expect(parseDecisionAttribute(text)).toEqual({ payment, shipping });
    }),
  );
});

test('whatever a buyer writes into the attribute, a Function gets two lists of options', () => {
  const told = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ payment: fc.anything(), shipping: fc.array(fc.string()) })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(fc.option(told), (text) => {
      const { payment, shipping } = parseDecisionAttribute(text);

      for (const { id, preselected } of [...payment, ...shipping]) {
        expect(typeof id).toBe('string');
        expect(typeof preselected).toBe('boolean');
      }
    }),
  );
});
