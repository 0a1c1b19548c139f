import { arrangeKnown, nameOf, type DecidedOptions, type NameTable } from './arrange-known.ts';

/** How a card is funded, where the account splits cards by it (`splitCardFundingSources`). */
const FUNDING_SOURCES = ['credit', 'debit', 'prepaid'] as const;

/** The parts of a payment method in Adyen's response to /paymentMethods that name it. */
interface NamedMethod {
  readonly type?: string;
  readonly fundingSource?: string;
  readonly brand?: string;
}

/** What Drop-in takes, and what could not be carried over. */
export interface AdyenDropin<Response> {
  /** For `AdyenCheckout({ paymentMethodsResponse })`: Drop-in shows methods in the order of the response. */
  readonly paymentMethodsResponse: Response;
  /** For `new Dropin(checkout, configuration)`: left alone, Drop-in opens the first stored or else the first method. */
  readonly configuration: {
    readonly openFirstPaymentMethod: false;
    readonly openFirstStoredPaymentMethod: false;
    readonly openPaymentMethod?: { type: string };
  };
  /** Decided options that the table does not name, or that Adyen does not offer here. */
  readonly unplaced: readonly string[];
  /** Types that Adyen offers and nobody decided on: they stay at their places. */
  readonly untouched: readonly string[];
}

/**
 * Adyen's response to /paymentMethods in the decided order, and a Drop-in that opens what the decision preselects and
 * nothing else. Stored methods stay as they are. The table names types; `scheme/debit`, `scheme/credit` and
 * `scheme/prepaid` where cards are split by how they are funded, `giftcard/BRAND` for one brand of gift cards.
 *
 * @see https://docs.adyen.com/online-payments/build-your-integration/advanced-flow
 * @example
 * const { paymentMethodsResponse, configuration } = adyenDropin(answer.slots.payment.options, { pix: 'pix', debit_card: 'scheme/debit' }, response);
 * new Dropin(await AdyenCheckout({ …, paymentMethodsResponse }), configuration).mount('#payment');
 */
export function adyenDropin<Response extends { readonly paymentMethods?: readonly NamedMethod[] }>(
  decided: DecidedOptions,
  table: NameTable,
  response: Response,
): AdyenDropin<Response> {
  const offered = response.paymentMethods ?? [];
  const { methods, preselected, unplaced, untouched } = arrangeKnown(decided, table, offered, namesOf);
  const type = preselected?.type;
  // Drop-in opens the first method of a type: that must be the one.
  const opens = type !== undefined && methods.find((method) => method.type === type) === preselected;
  return {
    paymentMethodsResponse: { ...response, ...(response.paymentMethods && { paymentMethods: methods }) },
    configuration: {
      openFirstPaymentMethod: false,
      openFirstStoredPaymentMethod: false,
      ...(opens && { openPaymentMethod: { type } }),
    },
    unplaced,
    untouched: untouched.map((method) => namesOf(method)[0] ?? ''),
  };
}

/**
 * The part of a /paymentMethods or /sessions request that asks for what the shop declared eligible, and no more.
 * Where the table does not name every option nothing is restricted, since that would drop one.
 *
 * @example
 * adyenAllowedMethods(options, { pix: 'pix', debit_card: 'scheme/debit' })
 * // → { allowedPaymentMethods: ['pix', 'scheme'], splitCardFundingSources: true }
 */
export function adyenAllowedMethods(
  decided: DecidedOptions,
  table: NameTable,
): { readonly allowedPaymentMethods?: string[]; readonly splitCardFundingSources?: true } {
  const names = decided.map(({ id }) => nameOf(table, id));
  const parts = names.flatMap((name) => (name === undefined ? [] : [name.split('/')]));
  const isSplit = parts.some(([, source]) => FUNDING_SOURCES.some((one) => one === source));
  return {
    ...(parts.length > 0 &&
      parts.length === names.length && {
        allowedPaymentMethods: [...new Set(parts.map(([type = '']) => type))],
      }),
    ...(isSplit && { splitCardFundingSources: true }),
  };
}

function namesOf({ type, fundingSource, brand }: NamedMethod): readonly string[] {
  if (type === undefined) return [];
  return [...[fundingSource, brand].flatMap((part) => (part ? [`${type}/${part}`] : [])), type];
}
