import { isAbsorptionDue } from '../../shared/domain/absorption.ts';
import { isKnownEvent } from '../../shared/domain/events.ts';
import type { SubjectFold } from '../../shared/domain/fold.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Meter } from '../../shared/ports/telemetry.ts';
import type { Subject } from './batch-record.ts';
import { concernsOutcomes, type FoldedSubject } from './measure-outcomes.ts';

interface TallyDependencies {
  readonly meter: Meter;
  readonly lane: Lane;
  readonly clock: Clock;
}

/** What a batch did, added up over its subjects. */
export interface Tally {
  applied: number;
  deduplicated: number;
  suppressed: number;
  unknown: number;
  writes: number;
  /** Users who linked one of many devices. */
  readonly toLookAfter: string[];
  /** Subjects who were shown a decision, or bought. */
  readonly toMeasure: FoldedSubject[];
}

export function emptyTally(): Tally {
  return {
    applied: 0,
    deduplicated: 0,
    suppressed: 0,
    unknown: 0,
    writes: 0,
    toLookAfter: [],
    toMeasure: [],
  };
}

/** Adds what became of one subject's records, once it is written. */
export function count(
  fold: SubjectFold,
  subject: Subject,
  { meter, lane, clock }: TallyDependencies,
  tally: Tally,
): void {
  const applied = subject.records.filter(({ sequence }) => fold.verdicts.get(sequence) === 'applied');
  tally.applied += applied.length;
  for (const verdict of fold.verdicts.values())
    if (verdict === 'deduplicated' || verdict === 'suppressed') tally[verdict] += 1;
  tally.unknown += applied.filter(({ event }) => !isKnownEvent(event.message)).length;
  tally.writes += fold.writes.length;
  const events = applied.map(({ event }) => event);
  if (events.some(concernsOutcomes)) tally.toMeasure.push({ key: subject.key, events, writes: fold.writes });
  if (isAbsorptionDue(fold)) tally.toLookAfter.push(subject.key);
  if (applied.length > 0) {
    const oldest = Math.min(...applied.map(({ event }) => event.receivedAt));
    meter.record('SyncLag', Math.max(0, clock.now() - oldest), { Lane: lane });
  }
}

/** Sends what a batch came to. */
export function recordTally(tally: Tally, { meter, lane }: Pick<TallyDependencies, 'meter' | 'lane'>): void {
  if (tally.applied > 0) meter.record('EventsApplied', tally.applied, { Lane: lane });
  if (tally.deduplicated > 0) meter.record('EventsDeduplicated', tally.deduplicated, { Lane: lane });
  if (tally.suppressed > 0) meter.record('EventsSuppressed', tally.suppressed, { Lane: lane });
  if (tally.unknown > 0) meter.record('UnknownEvents', tally.unknown, {});
  if (tally.writes > 0) meter.record('FacetWrites', tally.writes, { Lane: lane });
  meter.flush();
}
