import type { StoreConfig } from '../store-config.ts';
import type { OfferSource, OfferValueSource } from './offer-source.ts';
import type { Offer, Offers, OfferValue } from './offer.ts';
import { readAmounts } from './read-amounts.ts';
import { readAudience } from './read-audience.ts';
import { readText } from './read-text.ts';
import { note, type Reading } from './reading.ts';

/** A shop's offers; what is wrong with them is noted. */
export function readOffers({ offers }: Pick<StoreConfig, 'offers'>, reading: Reading): Offers {
  return {
    guardrails: offers.guardrails,
    items: offers.items.map((source, index) => readOffer(source, `offers.items[${index}]`, reading)),
  };
}

function readOffer(source: OfferSource, path: string, reading: Reading): Offer {
  const placeholders = source.value.kind === 'percent' ? ['percent'] : [];
  return {
    id: source.id,
    title: readText(source.title, placeholders, `${path}.title`, reading),
    value: readValue(source.value, `${path}.value`, reading),
    audience: readAudience(source, path, reading),
  };
}

function readValue(value: OfferValueSource, path: string, reading: Reading): OfferValue {
  switch (value.kind) {
    case 'percent': {
      const { percent } = value;
      if (!(percent > 0 && percent <= 100))
        note(
          reading,
          'out_of_range',
          `${path}.percent`,
          `is ${percent}; write a number above 0 and at most 100`,
        );
      return { kind: 'percent', percent };
    }
    case 'amount':
      return { kind: 'amount', amount: readAmounts(value.amount, `${path}.amount`, reading) };
    case 'free-shipping':
      return {
        kind: 'free-shipping',
        ...(value.from && { from: readAmounts(value.from, `${path}.from`, reading) }),
      };
    case 'reward':
      return { kind: 'reward' };
  }
}
