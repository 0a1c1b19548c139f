import type { FoldRecord } from '../../shared/domain/fold.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import type { LogFields } from '../../shared/ports/telemetry.ts';

/** One record of a batch, as the stream has it. */
export interface BatchRecord {
  readonly shardId: string;
  readonly sequence: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** ms */
  readonly arrivedAt: number;
}

/** A subject's records of one batch, in their order. */
export interface Subject {
  readonly key: string;
  readonly records: (FoldRecord & { readonly source: BatchRecord })[];
}

/** What a line about an event names it by; about a subject's, the first of them. */
export function correlationOf(event: StreamEvent | undefined): LogFields {
  return event?.correlationId === undefined ? {} : { correlation_id: event.correlationId };
}
