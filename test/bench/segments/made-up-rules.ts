import type { Json } from '../../../shared/domain/json.ts';
import type { Random } from '../ranking/seeded-random.ts';

/** What every engine can be told: one test of one field. */
export type Leaf =
  | { readonly path: string; readonly is: 'equal'; readonly value: string | number | boolean }
  | { readonly path: string; readonly is: 'one of'; readonly values: readonly string[] }
  | { readonly path: string; readonly is: 'at least' | 'less than'; readonly value: number };

/** Leaves under "and", "or" and "not", as marketers write them: not deep. */
export type Rule =
  Leaf | { readonly all: readonly Rule[] } | { readonly any: readonly Rule[] } | { readonly not: Rule };

/** What rules can ask: fields of words, of numbers up to a largest one, and of yes or no. */
export interface Vocabulary {
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly numbers: Readonly<Record<string, number>>;
  readonly flags: readonly string[];
}

const WORDS: Vocabulary['words'] = {
  'address.country': ['SE', 'FI', 'NO', 'DK', 'DE', 'FR', 'BR', 'US', 'GB', 'NL', 'ES', 'IT'],
  'address.region': Array.from({ length: 40 }, (_, index) => `R${index}`),
  locale: ['sv-SE', 'fi-FI', 'en-GB', 'en-US', 'de-DE', 'pt-BR', 'ar-EG', 'nl-NL'],
  currency: ['SEK', 'EUR', 'USD', 'BRL', 'GBP'],
  'payment.preferred': [
    'credit_card',
    'debit_card',
    'boleto',
    'pix',
    'swish',
    'invoice',
    'voucher',
    'wallet',
  ],
  'payment.last': ['credit_card', 'debit_card', 'boleto', 'pix', 'swish', 'invoice', 'voucher', 'wallet'],
  'shipping.preferred': ['standard', 'express', 'pickup', 'locker'],
  'loyalty.tier': ['none', 'bronze', 'silver', 'gold', 'platinum'],
  'device.kind': ['mobile', 'desktop', 'tablet'],
  'campaign.source': Array.from({ length: 25 }, (_, index) => `source-${index}`),
};
/** With the largest value. */
const NUMBERS: Vocabulary['numbers'] = {
  'orders.count': 30,
  'orders.refunds': 6,
  'orders.spent': 200_000,
  'orders.daysSince': 700,
  'cart.lines': 12,
  'cart.value': 60_000,
  'loyalty.points': 5_000,
  'support.openTickets': 3,
  'browse.views': 400,
  'browse.daysSince': 120,
  age: 90,
};
const FLAGS = ['consent.personalization', 'device.app', 'newsletter'];
const MADE_UP: Vocabulary = { words: WORDS, numbers: NUMBERS, flags: FLAGS };

const from = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!;

function leaf(random: Random, { words: wordsOf, numbers, flags }: Vocabulary): Leaf {
  const kind = random();
  if (kind < 0.08 && flags.length > 0)
    return { path: from(random, flags), is: 'equal', value: random() < 0.7 };
  if (kind < 0.5) {
    const path = from(random, Object.keys(numbers));
    const value = Math.floor(random() * numbers[path]!);
    return { path, is: random() < 0.6 ? 'at least' : 'less than', value };
  }
  const path = from(random, Object.keys(wordsOf));
  const words = wordsOf[path]!;
  if (kind < 0.8) return { path, is: 'equal', value: from(random, words) };
  return { path, is: 'one of', values: [...new Set([1, 2, 3, 4].map(() => from(random, words)))] };
}

/** About 4.3 leaves each. */
export function madeUpRules(random: Random, count: number, vocabulary = MADE_UP): readonly Rule[] {
  const one = (): Leaf => leaf(random, vocabulary);
  const leaves = (most: number): readonly Rule[] =>
    Array.from({ length: 2 + Math.floor(random() * (most - 1)) }, one);
  return Array.from({ length: count }, (): Rule => {
    const shape = random();
    if (shape < 0.1) return one();
    if (shape < 0.6) return { all: leaves(5) };
    if (shape < 0.85) return { all: [one(), { any: [{ all: leaves(3) }, { all: leaves(3) }] }] };
    return { all: [...leaves(4), { not: one() }] };
  });
}

/** What a profile says, nested by the parts of the names. */
export type Attributes = Readonly<Record<string, Json>>;

export function madeUpProfile(random: Random): { readonly nested: Attributes; readonly flat: Attributes } {
  const flat: Record<string, Json> = {};
  for (const [path, words] of Object.entries(WORDS)) flat[path] = from(random, words);
  // Most people have bought little: small numbers are the common ones.
  for (const [path, most] of Object.entries(NUMBERS)) flat[path] = Math.floor(random() ** 3 * most);
  for (const path of FLAGS) flat[path] = random() < 0.5;
  const nested: Record<string, Record<string, Json> | Json> = {};
  for (const [path, value] of Object.entries(flat)) {
    const [root = '', name] = path.split('.');
    if (name === undefined) nested[root] = value;
    else nested[root] = { ...(nested[root] as Record<string, Json> | undefined), [name]: value };
  }
  return { nested, flat };
}

/** How many leaves rules have in all. */
export function leavesIn(rule: Rule): number {
  if ('all' in rule) return rule.all.reduce((sum, one) => sum + leavesIn(one), 0);
  if ('any' in rule) return rule.any.reduce((sum, one) => sum + leavesIn(one), 0);
  return 'not' in rule ? leavesIn(rule.not) : 1;
}
