import {
  dueOf,
  findingOf,
  recordId,
  type AuditedRecord,
  type DueRecord,
  type FacetTrace,
  type Finding,
} from '../../shared/domain/audit.ts';
import type { FacetName } from '../../shared/domain/item.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { hasTaken, reachOf } from '../../shared/domain/watermark.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { QuarantinedRecords } from '../../shared/ports/quarantine.ts';

const HOUR_MS = 3_600_000;
/** A facet's trace is a few hundred bytes. */
const MAX_TRACES = 20_000;
const MAX_HOURS = 8;

export interface DecideDependencies {
  readonly store: Pick<ProfileStore, 'read'>;
  readonly quarantine: QuarantinedRecords;
}

export interface DecidedDue {
  readonly due: DueRecord;
  readonly finding: Finding;
}

export interface DecidedRecord extends DecidedDue {
  readonly record: AuditedRecord;
}

/** Decides records with few reads: what one page of records has learned of facets and of quarantine serves the next. */
export interface RecordDecider {
  decide(records: readonly AuditedRecord[]): Promise<readonly DecidedRecord[]>;
  /** Asks anew: what was learned before is not trusted. */
  decideAgain(due: readonly DueRecord[]): Promise<readonly DecidedDue[]>;
}

export function recordDecider(dependencies: DecideDependencies): RecordDecider {
  const traces = new Map<string, FacetTrace>();
  const quarantine = rememberedQuarantine(dependencies.quarantine);
  return {
    async decide(records) {
      const decided = records.map((record) => ({ record, due: dueOf(record) }));
      const due = decided.map((one) => one.due);
      const isQuarantined = await quarantine.whichOf(due);
      const unread = due.filter((one) =>
        one.facets.some((facet) => !hasTaken(traces.get(traceName(one.key, facet)), one)),
      );
      await readTraces(unread, traces, dependencies.store);
      const findings = decided.map((one) => ({
        ...one,
        finding: findingOf(one.due, (key, facet) => traces.get(traceName(key, facet)), isQuarantined),
      }));
      forgetOldest(traces, MAX_TRACES);
      return findings;
    },
    async decideAgain(due) {
      if (due.length === 0) return [];
      const isQuarantined = await rememberedQuarantine(dependencies.quarantine).whichOf(due);
      const fresh = new Map<string, FacetTrace>();
      await readTraces(due, fresh, dependencies.store);
      return due.map((one) => ({
        due: one,
        finding: findingOf(one, (key, facet) => fresh.get(traceName(key, facet)), isQuarantined),
      }));
    },
  };
}

const traceName = (key: string, facet: FacetName): string => `${key}/${facet}`;

async function readTraces(
  due: readonly DueRecord[],
  traces: Map<string, FacetTrace>,
  store: Pick<ProfileStore, 'read'>,
): Promise<void> {
  const refs = due.flatMap(({ key, facets }) => facets.map((item) => ({ key, item })));
  if (refs.length === 0) return;
  for (const { key, item } of refs) traces.delete(traceName(key, item));
  for (const { key, item, ring, erasedAt, ...stored } of await store.read(refs)) {
    traces.set(`${key}/${item}`, {
      ...reachOf(stored),
      ...(ring && { ring }),
      ...(erasedAt !== undefined && { erasedAt }),
    });
  }
}

/** Quarantine asked by hour of arrival, each hour once. */
function rememberedQuarantine(quarantine: QuarantinedRecords) {
  const hours = new Map<string, ReadonlySet<string>>();
  const discards = new Map<Lane, { readonly since: number; readonly ids: ReadonlySet<string> }>();

  async function keptAround({ lane, arrivedAt }: DueRecord): Promise<ReadonlySet<string>> {
    const name = `${lane}/${Math.floor(arrivedAt / HOUR_MS)}`;
    const ids = hours.get(name) ?? (await quarantine.keptInHour(lane, arrivedAt));
    hours.delete(name);
    hours.set(name, ids);
    forgetOldest(hours, MAX_HOURS);
    return ids;
  }

  async function discardedAfter(lane: Lane, since: number): Promise<ReadonlySet<string>> {
    const known = discards.get(lane);
    if (known && known.since <= since) return known.ids;
    const ids = await quarantine.discardedSince(lane, since);
    discards.set(lane, { since, ids });
    return ids;
  }

  return {
    /** Decides for these records alone, whose hours are asked for here. */
    async whichOf(due: readonly DueRecord[]): Promise<(id: string) => boolean> {
      const found = new Set<string>();
      for (const lane of ['critical', 'bulk'] as const) {
        const own = due.filter((one) => one.lane === lane);
        const [first] = own;
        if (!first) continue;
        // A record was there before it was given up.
        const since = own.reduce((least, { arrivedAt }) => Math.min(least, arrivedAt), first.arrivedAt);
        const discarded = await discardedAfter(lane, since);
        for (const one of own) {
          const id = recordId(one);
          if (discarded.has(id) || (await keptAround(one)).has(id)) found.add(id);
        }
      }
      return (id) => found.has(id);
    },
  };
}

function forgetOldest(known: Map<string, unknown>, limit: number): void {
  for (const name of known.keys()) {
    if (known.size <= limit) return;
    known.delete(name);
  }
}
