import { completionIn } from '../../shared/domain/completions.ts';
import { SHOWN_EVENT } from '../../shared/domain/decision-id.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import {
  joinOutcomes,
  outcomeFacetOf,
  OUTCOME_WINDOW_MS,
  type Outcome,
  type OutcomeFacet,
} from '../../shared/domain/outcomes.ts';
import { shownIn } from '../../shared/domain/shown-orders.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Log, Meter } from '../../shared/ports/telemetry.ts';

/** What a batch did to one subject, once it is written. */
export interface FoldedSubject {
  readonly key: string;
  /** Those that were applied. */
  readonly events: readonly StreamEvent[];
  readonly writes: readonly StoredItem[];
}

export interface OutcomeMeter {
  /** Never rejects: a graph is worth no batch. */
  measure(subjects: readonly FoldedSubject[], hasTime: () => boolean): Promise<void>;
}

const COMPLETED_EVENT = 'Order Completed';

export function concernsOutcomes(event: StreamEvent): boolean {
  return isShown(event) || isCompletion(event);
}

/**
 * Tells the dashboard what was shown and what of it was chosen, as it happens. It sees a person's own facet and that
 * of the device that an order names, so it may miss some, and tells a checkout again whose order is told again; what is
 * right to the last one is what `npm run cli -- outcomes` counts from all facets.
 *
 * Shops that tell of no decision pay nothing: devices are read only by a running function that has lately heard
 * of one.
 */
export function outcomeMeter({
  store,
  clock,
  meter,
  log,
}: {
  readonly store: Pick<ProfileStore, 'read'>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}): OutcomeMeter {
  let lastShownAt = Number.NEGATIVE_INFINITY;

  async function completedOutcomes(subjects: readonly FoldedSubject[]): Promise<readonly Outcome[]> {
    const bought = subjects
      .map((subject) => ({ ...subject, orders: subject.events.filter(isCompletion) }))
      .filter(({ orders }) => orders.length > 0);
    const others = bought.flatMap(({ key, orders }) => devicesOf(key, orders));
    const read =
      others.length === 0
        ? []
        : await store.read([...new Set(others)].map((key) => ({ key, item: 'checkout' as const })));
    const devices = new Map(read.map((item) => [item.key, item]));
    return bought.flatMap(({ key, orders, writes }) => {
      const items = [
        writes.find(({ item }) => item === 'checkout'),
        ...devicesOf(key, orders).map((device) => devices.get(device)),
      ];
      const facets = items.flatMap((item): readonly OutcomeFacet[] => {
        const facet = item && outcomeFacetOf(key, item.state);
        return facet === undefined ? [] : [facet];
      });
      const completions = new Set(orders.flatMap(completionIn).map(({ id }) => id));
      return joinOutcomes(facets, { now: clock.now(), windowMs: OUTCOME_WINDOW_MS }).filter(
        ({ completion }) => completion !== undefined && completions.has(completion),
      );
    });
  }

  return {
    async measure(subjects, hasTime) {
      const shown = subjects.flatMap(({ events }) => events.filter(isShown).flatMap(shownIn));
      for (const { rung, slot } of shown) meter.record('DecisionsShown', 1, { Rung: rung, Slot: slot });
      if (shown.length > 0) lastShownAt = clock.now();
      if (clock.now() - lastShownAt <= OUTCOME_WINDOW_MS && hasTime()) {
        try {
          for (const { rung, slot, rank } of await completedOutcomes(subjects)) {
            meter.record('CheckoutsCompleted', 1, { Rung: rung, Slot: slot });
            if (typeof rank === 'number') meter.record('ChosenRank', rank, { Rung: rung, Slot: slot });
          }
        } catch (error) {
          log.warn('outcomes are not measured', {}, error);
        }
      }
      meter.flush();
    },
  };
}

function isShown({ message }: StreamEvent): boolean {
  return message.type === 'track' && message.event === SHOWN_EVENT;
}

function isCompletion({ message }: StreamEvent): boolean {
  return message.type === 'track' && message.event === COMPLETED_EVENT;
}

/** Devices that orders name beside their user. */
function devicesOf(key: string, orders: readonly StreamEvent[]): readonly string[] {
  const devices = orders.flatMap(({ keys }) => keys.device ?? []);
  return [...new Set(devices)].filter((device) => device !== key);
}
