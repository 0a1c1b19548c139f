import type { PaymentMethodsRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentMethodsRequest.js';
import type { PaymentMethodsResponse } from '@adyen/api-library/lib/src/typings/checkout/paymentMethodsResponse.js';
import type { StripePaymentElementOptions } from '@stripe/stripe-js';
import { decide, type PaymentOption } from '../../shared/domain/decide.ts';
import { adyenAllowedMethods, adyenDropin } from '../../shared/providers/adyen-payment-methods.ts';
import type { DecidedOptions } from '../../shared/providers/arrange-known.ts';
import { parseDecisionAttribute } from '../../shared/providers/decision-attribute.ts';
import {
  shopifyDeliveryOperations,
  shopifyPaymentOperations,
} from '../../shared/providers/shopify-operations.ts';
import { stripePaymentElement } from '../../shared/providers/stripe-payment-element.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { store } from '../../store.config.ts';
import { purchase, shelf } from '../events.ts';
import { SEGMENTS } from '../segments.ts';
import { shopifyOutput } from '../shopify-output.ts';

/** `pix!` is preselected. */
const decided = (text: string): DecidedOptions =>
  text
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => ({ id: name.replace('!', ''), preselected: name.endsWith('!') }));

const OFFERED: readonly PaymentOption[] = [
  { id: 'invoice', kind: 'invoice' },
  { id: 'credit_card', kind: 'card' },
  { id: 'bank', kind: 'transfer' },
];

/** What is decided of somebody who has always paid by invoice. */
function decidedIn(country: string): DecidedOptions {
  const ann = shelf();
  ann.fold([purchase({ order: '1', method: 'invoice' })]);
  const { payment } = decide(
    {
      level: 'account',
      profile: ann.profile(),
      isPartial: false,
      payment: OFFERED,
      shipping: [],
      slots: ['payment'],
      segments: SEGMENTS,
      country,
      surroundings: {},
      consent: { globalPrivacyControl: false },
      consentRegime: 'opt-out',
      now: Date.parse('2026-11-20T00:00:00Z'),
      explain: false,
    },
    decisionConfigOf(store),
  ).slots;
  return payment?.options ?? [];
}

describe('Stripe’s Payment Element', () => {
  test('lists what the table names in the decided order and opens on what is preselected', () => {
    const { options, unplaced } = stripePaymentElement(decided('pix! credit_card house_account'), {
      credit_card: 'card',
      pix: 'pix',
    });

    expect(options satisfies StripePaymentElementOptions).toEqual({
      paymentMethodOrder: ['pix', 'card'],
      layout: { type: 'accordion', defaultCollapsed: false, radios: 'always' },
    });
    expect(unplaced).toEqual(['house_account']);
  });

  test.each([
    ['nothing is preselected', 'pix credit_card'],
    ['what is preselected is not its first', 'house_account! pix credit_card'],
    ['what is preselected comes second', 'pix credit_card!'],
    ['one method stands for more than is preselected', 'debit_card! credit_card'],
  ])('stays closed where %s', (_why, list) => {
    const { options } = stripePaymentElement(decided(list), {
      credit_card: 'card',
      debit_card: 'card',
      pix: 'pix',
    });

    expect(options.layout.defaultCollapsed).toBe(true);
  });

  test('one card for debit and credit does not lift credit above what the law puts before it', () => {
    const { options } = stripePaymentElement(decided('debit_card! swish credit_card'), {
      debit_card: 'card',
      credit_card: 'card',
      swish: 'swish',
    });

    expect(options.paymentMethodOrder).toEqual(['swish', 'card']);
    expect(options.layout.defaultCollapsed).toBe(true);
  });

  test('a misspelt method does not compile', () => {
    // @ts-expect-error Stripe has no "bolero"
    stripePaymentElement(decided('boleto'), { boleto: 'bolero' });
  });

  test.each([
    ['BR', ['klarna', 'card', 'pay_by_bank'], false],
    ['SE', ['pay_by_bank', 'card', 'klarna'], true],
    ['FI', ['pay_by_bank', 'card', 'klarna'], true],
  ])('in %s what is decided holds at Stripe too', (country, paymentMethodOrder, defaultCollapsed) => {
    const { options } = stripePaymentElement(decidedIn(country), {
      invoice: 'klarna',
      credit_card: 'card',
      bank: 'pay_by_bank',
    });

    expect(options).toMatchObject({ paymentMethodOrder, layout: { defaultCollapsed } });
  });
});

describe('Adyen', () => {
  const response = {
    paymentMethods: [
      { type: 'scheme', name: 'Credit card', fundingSource: 'credit' },
      { type: 'scheme', name: 'Debit card', fundingSource: 'debit' },
      { type: 'klarna', name: 'Klarna' },
      { type: 'swish', name: 'Swish' },
    ],
    storedPaymentMethods: [
      { type: 'scheme', id: '8415', name: 'VISA', supportedShopperInteractions: ['Ecommerce'] },
    ],
  };
  const table = { debit_card: 'scheme/debit', credit_card: 'scheme/credit', swish: 'swish', pix: 'pix' };

  test('shows the decided order, cards split by how they are funded, the unknown at its place', () => {
    const dropin = adyenDropin(decided('swish! debit_card credit_card pix'), table, response);

    expect(dropin.paymentMethodsResponse.paymentMethods.map(({ name }) => name)).toEqual([
      'Swish',
      'Debit card',
      'Klarna',
      'Credit card',
    ]);
    expect(dropin.configuration).toEqual({
      openFirstPaymentMethod: false,
      openFirstStoredPaymentMethod: false,
      openPaymentMethod: { type: 'swish' },
    });
    expect(dropin).toMatchObject({ unplaced: ['pix'], untouched: ['klarna'] });
    expect(response.paymentMethods[0]?.name).toBe('Credit card');
  });

  test.each([
    ['the first of its type', 'debit_card! credit_card swish', { type: 'scheme' }],
    ['not the first of its type', 'debit_card credit_card! swish', undefined],
    ['nothing', 'swish debit_card credit_card', undefined],
  ])('opens %s only where it can be said', (_what, list, openPaymentMethod) => {
    const { configuration } = adyenDropin(decided(list), table, response);

    expect(configuration.openPaymentMethod).toEqual(openPaymentMethod);
    expect(configuration).toMatchObject({
      openFirstPaymentMethod: false,
      openFirstStoredPaymentMethod: false,
    });
  });

  test('one option for cards that Adyen splits stands for both, and opens neither', () => {
    const { paymentMethodsResponse, configuration } = adyenDropin(
      decided('card! swish'),
      { card: 'scheme', swish: 'swish' },
      response,
    );

    expect(paymentMethodsResponse.paymentMethods.map(({ name }) => name)).toEqual([
      'Credit card',
      'Debit card',
      'Klarna',
      'Swish',
    ]);
    expect(configuration.openPaymentMethod).toBeUndefined();
  });

  test('the response is also taken as the API library types it', () => {
    const answered: PaymentMethodsResponse = { paymentMethods: [{ type: 'swish' }, { type: 'scheme' }] };
    const { paymentMethodsResponse } = adyenDropin(
      decided('card swish'),
      { card: 'scheme', swish: 'swish' },
      answered,
    );

    expect((paymentMethodsResponse satisfies PaymentMethodsResponse).paymentMethods).toEqual([
      { type: 'scheme' },
      { type: 'swish' },
    ]);
    expect(adyenDropin(decided('card'), { card: 'scheme' }, {}).paymentMethodsResponse).toEqual({});
  });

  test('a request asks for what is eligible, or restricts nothing where an option has no name', () => {
    const asked: Partial<PaymentMethodsRequest> = adyenAllowedMethods(
      decided('swish debit_card credit_card'),
      table,
    );

    expect(asked).toEqual({ allowedPaymentMethods: ['swish', 'scheme'], splitCardFundingSources: true });
    expect(adyenAllowedMethods(decided('swish house_account'), table)).toEqual({});
    expect(adyenAllowedMethods(decided(''), table)).toEqual({});
    expect(adyenAllowedMethods(decided('swish'), table)).toEqual({ allowedPaymentMethods: ['swish'] });
  });
});

describe('Shopify', () => {
  const methods = ['Credit card', 'Shop Pay', 'Cash on Delivery (COD)', 'PayPal'].map((name, at) => ({
    id: `gid://shopify/PaymentCustomizationPaymentMethod/${at}`,
    name,
  }));

  test('payment methods move to their places, and only those that have to', () => {
    const { result, unplaced, untouched } = shopifyPaymentOperations(
      decided('cod! credit_card pix'),
      { cod: 'Cash on Delivery (COD)', credit_card: 'Credit card' },
      methods,
    );

    expect(result).toEqual({
      operations: [
        { paymentMethodMove: { paymentMethodId: methods[2]?.id, index: 0 } },
        { paymentMethodMove: { paymentMethodId: methods[1]?.id, index: 1 } },
        { paymentMethodMove: { paymentMethodId: methods[0]?.id, index: 2 } },
      ],
    });
    expect(shopifyOutput('payment', result)).toEqual([]);
    expect({ unplaced, untouched }).toEqual({ unplaced: ['pix'], untouched: ['Shop Pay', 'PayPal'] });
  });

  const option = (title: string, amount: string, deliveryMethodType = 'SHIPPING') => ({
    handle: `${title}-handle`,
    title,
    code: `${title}-code`,
    cost: { amount },
    deliveryMethodType,
  });
  const handlesOf = (groups: Parameters<typeof shopifyDeliveryOperations>[2], list: string) => {
    const table = { express: 'Express', post: 'Post-code', locker: 'Locker' };
    const { result } = shopifyDeliveryOperations(decided(list), table, groups);
    expect(shopifyOutput('delivery', result)).toEqual([]);
    return result.operations.map(
      ({ deliveryOptionMove: { deliveryOptionHandle, index } }) => `${index} ${deliveryOptionHandle}`,
    );
  };

  test('the cheapest shipping stays first, whatever is decided; the rest follows it', () => {
    const deliveryOptions = [option('Post', '4.90'), option('Locker', '6.00'), option('Express', '9.90')];

    expect(handlesOf([{ deliveryOptions }], 'express! locker post')).toEqual([
      '1 Express-handle',
      '2 Locker-handle',
    ]);
  });

  test('among the cheapest the decided one comes first', () => {
    const deliveryOptions = [option('Post', '4.90'), option('Locker', '4.9'), option('Express', '9.90')];

    expect(handlesOf([{ deliveryOptions }], 'locker express post')).toEqual([
      '0 Locker-handle',
      '1 Express-handle',
      '2 Post-handle',
    ]);
  });

  test('a price that cannot be read leaves a group as it is; pickup is left where it is', () => {
    const unread = [option('Express', '1'), option('Locker', '')];
    const pickup = [option('Store', '0', 'PICK_UP'), option('Express', '9'), option('Locker', '2')];

    expect(handlesOf([{ deliveryOptions: unread }, { deliveryOptions: pickup }], 'express locker')).toEqual([
      '1 Locker-handle',
      '2 Express-handle',
    ]);
  });

  test('an option is unplaced only if no group has it', () => {
    const { unplaced, untouched } = shopifyDeliveryOperations(
      decided('express locker drone'),
      { express: 'Express', locker: 'Locker', drone: 'Drone' },
      [
        { deliveryOptions: [option('Express', '1')] },
        { deliveryOptions: [option('Locker', '1'), option('Post', '1')] },
      ],
    );

    expect({ unplaced, untouched }).toEqual({ unplaced: ['drone'], untouched: ['Post-code'] });
  });

  test.each([
    ['a method that is not said', { operations: [{ paymentMethodMove: { index: 0 } }] }],
    ['an index that is none', { operations: [{ paymentMethodMove: { paymentMethodId: 'a', index: 0.5 } }] }],
    ['the operations of before 2025-07', { operations: [{ move: { paymentMethodId: 'a', index: 0 } }] }],
  ])('the schema refuses %s', (_what, output) => {
    expect(shopifyOutput('payment', output)).not.toEqual([]);
  });

  test.each([
    ['no attribute', null],
    ['no JSON', '{'],
    ['no object', '"pix"'],
    ['no list', '{"payment":{"length":1}}'],
    ['an entry that is none', '{"payment":["+pix",7]}'],
    ['an id without end', JSON.stringify({ payment: [`+${'x'.repeat(129)}`] })],
    ['a list without end', JSON.stringify({ payment: Array.from({ length: 51 }, (_, at) => `-${at}`) })],
  ])('%s orders nothing', (_what, text) => {
    expect(parseDecisionAttribute(text)).toEqual({ payment: [], shipping: [] });
  });
});
