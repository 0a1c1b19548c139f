/** What the shop sells in. Amounts are integer minor units of one of these: all four have two digits. */
export type Currency = 'EUR' | 'BRL' | 'SEK' | 'AED';

/** One amount in each currency, minor units. */
export type Price = Readonly<Record<Currency, number>>;
