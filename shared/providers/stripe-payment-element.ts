import type Stripe from 'stripe';
import { arrangeKnown, nameOf, type DecidedOptions, type NameTable } from './arrange-known.ts';

/** The names that a union spells out: Stripe's also admit any other text, and so any misspelling. */
type Spelt<Name extends string> = Name extends unknown ? (string extends Name ? never : Name) : never;

/** A payment method type of Stripe's API, or a wallet that the Payment Element also puts in order. */
export type StripeMethod =
  Spelt<Stripe.Checkout.SessionCreateParams.AllowedPaymentMethodType> | 'apple_pay' | 'google_pay';

/** What `elements.create('payment', …)` takes, and what could not be carried over. */
export interface StripePaymentElement {
  readonly options: {
    /** What it does not name follows in Stripe's own order; what is not eligible is left out by Stripe. */
    readonly paymentMethodOrder: string[];
    readonly layout: {
      readonly type: 'accordion';
      /** Opened, an accordion selects its first method: closed unless that is the one preselected. */
      readonly defaultCollapsed: boolean;
      readonly radios: 'always';
    };
  };
  /** Decided options that the table does not name. */
  readonly unplaced: readonly string[];
}

/**
 * The Payment Element's options for a decided payment slot. The layout is fixed when the element is created; a later
 * answer may only `update({ paymentMethodOrder })`, and only before the shopper has touched it.
 *
 * @see https://docs.stripe.com/payments/customize-payment-methods
 * @see https://docs.stripe.com/js/elements_object/create_payment_element
 * @example
 * const { options } = stripePaymentElement(answer.slots.payment.options, { credit_card: 'card', pix: 'pix' });
 * elements.create('payment', options).mount('#payment');
 */
export function stripePaymentElement(
  decided: DecidedOptions,
  table: NameTable<StripeMethod>,
): StripePaymentElement {
  const names = new Set(decided.flatMap(({ id }) => nameOf(table, id) ?? []));
  const { methods, preselected, unplaced } = arrangeKnown(decided, table, [...names], (name) => [name]);
  return {
    options: {
      paymentMethodOrder: [...methods],
      layout: {
        type: 'accordion',
        defaultCollapsed: preselected === undefined || preselected !== methods[0],
        radios: 'always',
      },
    },
    unplaced,
  };
}
