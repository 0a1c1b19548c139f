import { TRACK_EVENTS } from '../events.ts';
import type { Lane } from '../stream-event.ts';
import type { Window } from './window.ts';

/** Names of calls, beside those of `track` events. */
const CALLS: Readonly<Record<string, Lane>> = { identify: 'critical', page: 'bulk', screen: 'bulk' };
/** `track` events that change the ledger alone. */
const LEDGER_ONLY = (Object.keys(TRACK_EVENTS) as (keyof typeof TRACK_EVENTS)[]).filter((name) => {
  const rule = TRACK_EVENTS[name];
  return 'orders' in rule && !('checkout' in rule);
}) as readonly string[];
/** What the ledger can be asked for by event. */
export const LEDGER_EVENTS: readonly string[] = [
  'Order Completed',
  ...LEDGER_ONLY.filter((name) => name !== 'Order Updated'),
];

/** Every event that windows can look at, those of the shop's own not counted. */
export const WINDOW_EVENTS: readonly string[] = [
  ...Object.keys(CALLS),
  ...Object.keys(TRACK_EVENTS).filter((name) => name !== 'Order Updated'),
];

/** Where the events of a name are kept; names that the table does not know travel in bulk. */
export function keptIn(event: string): Window['source'] {
  if (LEDGER_ONLY.includes(event)) return 'ledger';
  const rule = Object.hasOwn(TRACK_EVENTS, event)
    ? TRACK_EVENTS[event as keyof typeof TRACK_EVENTS]
    : undefined;
  return (rule?.lane ?? CALLS[event] ?? 'bulk') === 'critical' ? 'checkout' : 'browse';
}
