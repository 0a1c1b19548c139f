import type { DecisionConfig } from './decide.ts';
import { segmentsOfConfig, type Segments } from './segments/compile-segments.ts';
import { readMessages } from './slots/read-messages.ts';
import { readOffers } from './slots/read-offers.ts';
import { readingOf } from './slots/reading.ts';
import type { StoreConfig } from './store-config.ts';

/**
 * What decides, of a configuration that was checked before it was deployed: its offers and messages are read here, once,
 * so that no request pays for it. Throws with the faults if it was not checked.
 *
 * @param segments its segments, where they are read already
 */
export function decisionConfigOf(
  config: StoreConfig,
  segments: Segments = segmentsOfConfig(config.segments),
): DecisionConfig {
  const reading = readingOf(config, segments);
  const offers = readOffers(config, reading);
  const messages = readMessages(config, reading);
  if (reading.faults.length > 0) throw new Error(reading.faults.map(({ message }) => message).join('\n'));
  const { payment, shipping, regions } = config;
  return { payment, shipping, regions, offers, messages };
}
