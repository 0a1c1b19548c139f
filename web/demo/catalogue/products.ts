import type { Price } from './currency.ts';

export interface Product {
  readonly id: ProductId;
  readonly category: 'coffee' | 'brew' | 'camp';
  readonly price: Price;
}

/** The shelf, in the order in which it stands. */
export const PRODUCT_IDS = [
  'ember-kettle',
  'tarn-mug',
  'ridge-roast',
  'burl-grinder',
  'moss-blanket',
  'dusk-lantern',
  'cone-dripper',
  'drift-tote',
] as const;
export type ProductId = (typeof PRODUCT_IDS)[number];

export const PRODUCTS: Readonly<Record<ProductId, Product>> = {
  'ember-kettle': {
    id: 'ember-kettle',
    category: 'brew',
    price: { EUR: 6_400, BRL: 35_900, SEK: 69_900, AED: 26_000 },
  },
  'tarn-mug': {
    id: 'tarn-mug',
    category: 'camp',
    price: { EUR: 1_800, BRL: 9_900, SEK: 19_900, AED: 7_500 },
  },
  'ridge-roast': {
    id: 'ridge-roast',
    category: 'coffee',
    price: { EUR: 1_400, BRL: 7_900, SEK: 15_900, AED: 5_900 },
  },
  'burl-grinder': {
    id: 'burl-grinder',
    category: 'brew',
    price: { EUR: 8_900, BRL: 49_900, SEK: 99_900, AED: 36_500 },
  },
  'moss-blanket': {
    id: 'moss-blanket',
    category: 'camp',
    price: { EUR: 9_500, BRL: 52_900, SEK: 104_900, AED: 39_000 },
  },
  'dusk-lantern': {
    id: 'dusk-lantern',
    category: 'camp',
    price: { EUR: 4_800, BRL: 26_900, SEK: 52_900, AED: 19_500 },
  },
  'cone-dripper': {
    id: 'cone-dripper',
    category: 'brew',
    price: { EUR: 2_900, BRL: 15_900, SEK: 32_900, AED: 12_000 },
  },
  'drift-tote': {
    id: 'drift-tote',
    category: 'camp',
    price: { EUR: 3_200, BRL: 17_900, SEK: 34_900, AED: 13_000 },
  },
};

export function isProductId(id: string): id is ProductId {
  return (PRODUCT_IDS as readonly string[]).includes(id);
}
