import type { ConfigFault } from '../check-store-config.ts';
import { exchangeRates, type ExchangeRates } from '../exchange-rates.ts';
import type { Segments } from '../segments/compile-segments.ts';
import type { ConditionScope } from '../segments/parse-condition.ts';
import type { StoreConfig } from '../store-config.ts';

/** What offers and messages are read with: the rest of the configuration, and where what is wrong is gathered. */
export interface Reading {
  readonly defaultLocale: string;
  readonly rates?: ExchangeRates;
  readonly segments: Segments;
  readonly scope: ConditionScope;
  readonly faults: ConfigFault[];
}

/** @param segments those of the configuration, read */
export function readingOf(config: StoreConfig, segments: Segments): Reading {
  const { rates, defaultLocale } = config;
  return {
    defaultLocale,
    ...(rates && { rates: exchangeRates(rates) }),
    segments,
    scope: {
      over: 'profile',
      lists: config.segments.lists ?? {},
      segments: [...segments.named.keys()],
      events: config.segments.events ?? [],
    },
    faults: [],
  };
}

/** @param sentence what is wrong and what to write instead, without the path and its full stop */
export function note(reading: Reading, code: ConfigFault['code'], path: string, sentence: string): void {
  const end = sentence.endsWith('?') ? '' : '.';
  reading.faults.push({ code, path, message: `${path} ${sentence}${end}` });
}
