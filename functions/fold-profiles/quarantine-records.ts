import type { SubjectFold } from '../../shared/domain/fold.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import {
  QuarantineUnavailable,
  type Quarantine,
  type QuarantineEntry,
} from '../../shared/ports/quarantine.ts';
import type { Log, Meter } from '../../shared/ports/telemetry.ts';
import type { Rejection } from '../../shared/protocol/rejection.ts';
import { correlationOf, type BatchRecord, type Subject } from './batch-record.ts';

export interface QuarantineDependencies {
  readonly quarantine: Quarantine;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

/** A record that cannot be applied, and why. */
export interface Unreadable {
  readonly record: BatchRecord;
  readonly rejection: Rejection;
  /** Absent: not even that could be read. */
  readonly event?: StreamEvent;
}

/** The records of a subject that a fold could not take. */
export function poisonOf(fold: SubjectFold, subject: Subject): readonly Unreadable[] {
  return fold.poison.flatMap(({ sequence, code, reason, path }) =>
    subject.records
      .filter((record) => record.sequence === sequence)
      .map(({ source, event }) => ({
        record: source,
        event,
        rejection: { code, message: reason, ...(path !== undefined && { path }) },
      })),
  );
}

/** Puts a whole subject's records into quarantine, but for those that are `kept` there with a better reason. */
export async function setAside(
  subject: Subject,
  kept: ReadonlySet<string>,
  code: string,
  dependencies: QuarantineDependencies,
): Promise<boolean> {
  const message = 'the subject of this record could not be written';
  return await quarantined(
    subject.records
      .filter(({ sequence }) => !kept.has(sequence))
      .map(({ source, event }) => ({ record: source, event, rejection: { code, message } })),
    dependencies,
  );
}

/** @returns whether the records are safe in quarantine; if not, they stay in the stream */
export async function quarantined(
  poison: readonly Unreadable[],
  dependencies: QuarantineDependencies,
): Promise<boolean> {
  if (poison.length === 0) return true;
  const { quarantine, lane, clock, meter, log } = dependencies;
  try {
    await quarantine.keep(
      poison.map(({ record, rejection, event }): QuarantineEntry => ({
        id: `${lane}/${record.shardId}/${record.sequence}`,
        code: rejection.code,
        reason: rejection.message,
        ...(rejection.path !== undefined && { path: rejection.path }),
        functionName: `fold-profiles-${lane}`,
        lane,
        sequence: record.sequence,
        ...(event?.correlationId !== undefined && { correlationId: event.correlationId }),
        arrivedAt: record.arrivedAt,
        quarantinedAt: clock.now(),
        bytes: Buffer.from(record.data).toString('base64'),
      })),
    );
  } catch (error) {
    if (!(error instanceof QuarantineUnavailable)) throw error;
    log.error('quarantine out of reach, poison stays', { code: error.code }, error);
    return false;
  }
  for (const { record, rejection, event } of poison) {
    const { sequence, shardId: shard } = record;
    log.warn('quarantined', { ...correlationOf(event), code: rejection.code, sequence, shard });
  }
  meter.record('EventsQuarantined', poison.length, { Lane: lane });
  return true;
}
