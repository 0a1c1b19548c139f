import { streamEventOf, type Arrival } from '../shared/domain/accept.ts';
import { foldSubject, type FoldRecord, type SubjectFold } from '../shared/domain/fold.ts';
import type { ItemName, StoredItem } from '../shared/domain/item.ts';
import { profileOf, type Profile } from '../shared/domain/profile.ts';
import type { WindowPlan } from '../shared/domain/segments/window.ts';
import type { JsonObject, Lane, Message, StreamEvent } from '../shared/domain/stream-event.ts';
import { SEGMENTS } from './segments.ts';

export const USER_KEY = 'u'.repeat(22);
export const DEVICE_KEY = 'd'.repeat(22);
const NOON = Date.UTC(2026, 0, 15, 12);

let messages = 0;

/** What a test says of an event; the rest is ordinary. `minute` counts from noon of 15 January 2026. */
export interface EventSketch {
  readonly event?: string;
  readonly type?: Message['type'];
  readonly properties?: JsonObject;
  readonly traits?: JsonObject;
  readonly context?: JsonObject;
  readonly messageId?: string;
  readonly minute?: number;
  readonly of?: 'user' | 'device' | 'claims';
  readonly arrival?: Partial<Arrival>;
  readonly keys?: { readonly user?: string; readonly device?: string };
}

/** A stream event as the collector would make it: of a proven user unless told otherwise. */
export function streamEvent(sketch: EventSketch): StreamEvent {
  const { of = 'user', minute = 0 } = sketch;
  const message: Message = {
    type: sketch.type ?? 'track',
    messageId: sketch.messageId ?? `message-${++messages}`,
    ...(of !== 'device' && { userId: 'ann' }),
    ...(of === 'device' && { anonymousId: 'laptop' }),
    ...(sketch.event !== undefined && { event: sketch.event }),
    ...(sketch.properties && { properties: sketch.properties }),
    ...(sketch.traits && { traits: sketch.traits }),
    ...(sketch.context && { context: sketch.context }),
  };
  const at = NOON + minute * 60_000;
  const arrival = {
    source: of === 'user' ? 'server' : 'browser',
    receivedAt: at + 1_000,
    timestamp: at,
    ...sketch.arrival,
  } as const;
  const keys = sketch.keys ?? (of === 'device' ? { device: DEVICE_KEY } : { user: USER_KEY });
  return streamEventOf(message, arrival, keys).event;
}

export const purchase = (
  sketch: EventSketch & { readonly order: string; readonly method?: string; readonly total?: number },
): StreamEvent =>
  streamEvent({
    event: 'Order Completed',
    ...sketch,
    properties: {
      order_id: sketch.order,
      total: sketch.total ?? 10,
      currency: 'EUR',
      ...(sketch.method !== undefined && { payment_method: sketch.method }),
      ...sketch.properties,
    },
  });

/** A subject's items, as a store would hold them, that records are folded into. */
export interface Shelf {
  fold(
    events: readonly StreamEvent[],
    options?: {
      readonly from?: number;
      readonly lane?: Lane;
      readonly incarnation?: string;
      /** What segments look back at. Default: those that ship. */
      readonly windows?: WindowPlan;
    },
  ): SubjectFold;
  /** The fold's answer without its writes: what a function that dies before writing leaves behind. */
  dryRun(events: readonly StreamEvent[], from: number, lane?: Lane, incarnation?: string): SubjectFold;
  put(items: readonly StoredItem[]): void;
  items(): readonly StoredItem[];
  profile(): Profile;
}

/** Folds events into items in memory; sequences count on from `from` (default: after the last). */
export function shelf(key = USER_KEY): Shelf {
  const stored = new Map<ItemName, StoredItem>();
  let next = 1;
  const run = (
    events: readonly StreamEvent[],
    from: number,
    lane: Lane,
    incarnation = 'life-1',
    windows: WindowPlan = SEGMENTS.windows,
  ): SubjectFold => {
    const records = events.map((event, index): FoldRecord => ({ event, sequence: String(from + index) }));
    const items = new Map<ItemName, StoredItem | null>();
    for (;;) {
      const step = foldSubject(key, records, items, {
        lane,
        incarnation,
        now: NOON + 7 * 86_400_000,
        windows,
      });
      if (!('needs' in step)) return step;
      for (const item of step.needs) items.set(item, stored.get(item) ?? null);
    }
  };
  const put = (items: readonly StoredItem[]): void => {
    for (const item of items) {
      const expected = (stored.get(item.item)?.v ?? 0) + 1;
      if (item.v !== expected) throw new Error(`${item.item} would be refused: v ${item.v}, not ${expected}`);
      stored.set(item.item, structuredClone(item));
    }
  };
  return {
    fold(events, { from = next, lane = 'critical', incarnation, windows } = {}) {
      const result = run(events, from, lane, incarnation, windows);
      put(result.writes);
      next = Math.max(next, from + events.length);
      return result;
    },
    dryRun: (events, from, lane = 'critical', incarnation) => run(events, from, lane, incarnation),
    put,
    items: () => [...stored.values()],
    profile: () => profileOf([...stored.values()]),
  };
}
