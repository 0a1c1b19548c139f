import {
  QuarantineUnavailable,
  type Quarantine,
  type QuarantineEntry,
  type QuarantineReader,
  type RedriveMarks,
  type RedriveStep,
} from '../../ports/quarantine.ts';
import { faultPlan, type Faults } from './faults.ts';

export interface MemoryQuarantine extends Quarantine, QuarantineReader, RedriveMarks, Faults {
  /** Everything kept, in the order of first keeping; a copy. */
  entries(): readonly QuarantineEntry[];
}

/** A quarantine in memory, for tests: keeping, reading back and marking. */
export function memoryQuarantine(): MemoryQuarantine {
  const kept = new Map<string, QuarantineEntry>();
  const faults = faultPlan((message, options) => new QuarantineUnavailable(message, options));
  const steps = new Map<string, RedriveStep>();
  const entries = () => [...kept.values()].map((entry) => ({ ...entry }));

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
    entries,
  };
}
