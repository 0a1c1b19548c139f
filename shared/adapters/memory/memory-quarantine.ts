import {
  QuarantineUnavailable,
  type Quarantine,
  type QuarantinedRecords,
  type QuarantineEntry,
  type QuarantineReader,
  type RedriveMarks,
  type RedriveStep,
} from '../../ports/quarantine.ts';
import { faultPlan, type Faults } from './faults.ts';

export interface MemoryQuarantine
  extends Quarantine, QuarantineReader, QuarantinedRecords, RedriveMarks, Faults {
  /** Everything kept, in the order of first keeping; a copy. */
  entries(): readonly QuarantineEntry[];
  /** Puts records there as Lambda does when it gives up their batch. */
  discard(entries: readonly QuarantineEntry[]): void;
  /** Takes an entry away, as nobody may. */
  lose(id: string): void;
}

/** A quarantine in memory, for tests: keeping, reading back and marking. */
export function memoryQuarantine(): MemoryQuarantine {
  const kept = new Map<string, QuarantineEntry>();
  const faults = faultPlan((message, options) => new QuarantineUnavailable(message, options));
  const discarded = new Map<string, QuarantineEntry>();
  const steps = new Map<string, RedriveStep>();
  const entries = () => [...kept.values(), ...discarded.values()].map((entry) => ({ ...entry }));

  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    keep(added) {
      const copies = added.map((entry) => ({ ...entry }));
      if (copies.length === 0) return Promise.resolve();
      return faults.run(() => {
        for (const entry of copies) kept.set(entry.id, entry);
      });
    },
    async *list(since) {
      const found = await faults.run(() => entries().filter((entry) => entry.arrivedAt >= since));
      for (const entry of found.sort((one, other) => one.arrivedAt - other.arrivedAt)) {
        const redrive = steps.get(entry.id);
        yield { ...entry, ...(redrive && { redrive }) };
      }
    },
    mark(marked, step) {
      const ids = marked.map(({ id }) => id).filter((id) => steps.get(id) !== 'done');
      return faults.run(() => {
        for (const id of ids) steps.set(id, step);
      });
    },
    keptInHour: (lane, at) =>
      faults.run(() => {
        const ids = [...kept.values()].filter((entry) => hourOf(entry.arrivedAt) === hourOf(at));
        return new Set(ids.map(({ id }) => id).filter((id) => id.startsWith(`${lane}/`)));
      }),
    discardedSince: (lane, since) =>
      faults.run(() => {
        const ids = [...discarded.values()].filter((entry) => entry.quarantinedAt >= since);
        return new Set(ids.map(({ id }) => id).filter((id) => id.startsWith(`${lane}/`)));
      }),
    entries,
    discard(given) {
      for (const entry of given) discarded.set(entry.id, { ...entry });
    },
    lose(id) {
      kept.delete(id);
      discarded.delete(id);
    },
  };
}

function hourOf(ms: number): number {
  return Math.floor(ms / 3_600_000);
}
