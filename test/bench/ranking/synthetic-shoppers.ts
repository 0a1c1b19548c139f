import { draw, seededRandom, shuffled, type Random } from './seeded-random.ts';
import type { CheckoutEvents } from './shop-checkouts.ts';

/** What shoppers of a made-up world do: with habits each has a favourite, without them all choose as their country does. */
export interface World {
  /** How often a shopper chooses the favourite; 0: nobody has one. Else as the country does. */
  readonly faithfulness: readonly number[];
  readonly seed: number;
}

/** A synthetic shopper's probabilities, known because they were drawn. */
export type Preferences = ReadonlyMap<string, number>;

export interface SyntheticHistory {
  readonly checkouts: readonly CheckoutEvents[];
  readonly preferences: ReadonlyMap<string, Preferences>;
}

/** Purchases of one shopper, at most; at least two. */
const MOST_PURCHASES = 16;

/**
 * Gives the checkouts of a real history, their times and places as they were, to made-up shoppers who come back and
 * whose preferences are known. The favourite is drawn as the country chooses, so that the world as a whole pays as
 * the real one does.
 */
export function syntheticShoppers(
  real: readonly Pick<CheckoutEvents, 'at' | 'country' | 'region'>[],
  shares: Preferences,
  { faithfulness, seed }: World,
): SyntheticHistory {
  const random = seededRandom(seed);
  const preferences = new Map<string, Preferences>();
  const visits = assignShoppers(real, random).map(({ shopper, ...checkout }) => {
    const known = preferences.get(shopper) ?? preferencesOf(shares, faithfulness, random);
    preferences.set(shopper, known);
    return { ...checkout, shopper };
  });
  const checkouts: CheckoutEvents[] = [];
  let before: readonly string[] = [];
  for (const [index, { shopper, at, country, region }] of visits.sort((a, b) => a.at - b.at).entries()) {
    const method = draw(preferences.get(shopper) ?? shares, random);
    const device = `device-${seed}-${index}`;
    checkouts.push({ shopper, device, at, country, region, before, chosen: new Set([method]) });
    before = [purchase({ shopper, device, at, country, region, method, id: `${seed}-${index}` })];
  }
  return { checkouts, preferences };
}

function assignShoppers<Visit extends { readonly region: string }>(
  visits: readonly Visit[],
  random: Random,
): (Visit & { readonly shopper: string })[] {
  const byRegion = new Map<string, Visit[]>();
  for (const visit of visits) {
    const known = byRegion.get(visit.region);
    if (known) known.push(visit);
    else byRegion.set(visit.region, [visit]);
  }
  const assigned: (Visit & { readonly shopper: string })[] = [];
  for (const [region, ofRegion] of byRegion) {
    let shopper = 0;
    let left = 0;
    for (const visit of shuffled(ofRegion, random)) {
      if (left === 0) {
        shopper += 1;
        left = 2 + Math.floor(random() * (MOST_PURCHASES - 1));
      }
      left -= 1;
      assigned.push({ ...visit, shopper: `${region}-${shopper}` });
    }
  }
  return assigned;
}

function preferencesOf(shares: Preferences, faithfulness: readonly number[], random: Random): Preferences {
  const faithful = faithfulness[Math.floor(random() * faithfulness.length)] ?? 0;
  const favourite = draw(shares, random);
  return new Map(
    [...shares].map(([method, share]) => [
      method,
      (1 - faithful) * share + (method === favourite ? faithful : 0),
    ]),
  );
}

function purchase(one: {
  readonly shopper: string;
  readonly device: string;
  readonly at: number;
  readonly country: string;
  readonly region: string;
  readonly method: string;
  readonly id: string;
}): string {
  return JSON.stringify({
    type: 'track',
    event: 'Payment Info Entered',
    messageId: `message-${one.id}`,
    userId: one.shopper,
    anonymousId: one.device,
    timestamp: new Date(one.at).toISOString(),
    context: { location: { country: one.country, region: one.region } },
    properties: { checkout_id: `checkout-${one.id}`, payment_method: one.method },
  });
}
