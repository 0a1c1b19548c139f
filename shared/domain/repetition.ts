import { ringFacetOf } from './redrive.ts';
import { ringCapacityOf } from './facets.ts';
import { ringAdd, ringHas } from './ring.ts';
import type { Lane, StreamEvent } from './stream-event.ts';

/**
 * Tells of each event whether its subject had the message already, as the folds tell it: by the subject's ring, or for
 * money alone, which has none, for ever. To be asked in the order of the stream.
 *
 * @param limit how many subjects and messages are remembered at most; beyond it the oldest are forgotten
 */
export function repetitionFinder(
  limit = Number.POSITIVE_INFINITY,
): (event: StreamEvent, lane: Lane) => boolean {
  const rings = new Map<string, Uint8Array>();
  const moneyMessages = new Map<string, true>();
  return (event, lane) => {
    const { key } = event.subject;
    const { messageId } = event.message;
    const facet = ringFacetOf(event, lane);
    if (facet === undefined) {
      const name = `${key}\n${messageId}`;
      const isKnown = moneyMessages.has(name);
      remember(moneyMessages, name, true, limit);
      return isKnown;
    }
    const name = `${key}\n${facet}`;
    const ring = rings.get(name) ?? new Uint8Array();
    if (ringHas(ring, messageId)) return true;
    remember(rings, name, ringAdd(ring, messageId, ringCapacityOf(facet)), limit);
    return false;
  };
}

function remember<Value>(known: Map<string, Value>, name: string, value: Value, limit: number): void {
  // Newest last: a Map gives what was put first first.
  known.delete(name);
  known.set(name, value);
  if (known.size <= limit) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
