import { createHash } from 'node:crypto';
import type { Lane } from '../../domain/stream-event.ts';
import type { Clock } from '../../ports/clock.ts';
import { LogUnavailable, type EventLog, type EventLogReader, type LogRecord } from '../../ports/event-log.ts';
import { faultPlan, type Faults } from './faults.ts';

export interface MemoryEventLog extends EventLog, EventLogReader, Faults {
  /** Every record of a lane in the order of appending; a copy. */
  records(lane: Lane): readonly LogRecord[];
  /** Ends this life of a lane's stream and begins the next: no records, another incarnation, positions anew. */
  recreate(lane: Lane): void;
}

export interface MemoryEventLogOptions {
  /** Shards a lane; a partition key stays on one. Default 1. */
  readonly shards?: number;
  /** Says when a record arrived; without it, records do not tell. */
  readonly clock?: Clock;
}

/** Positions begin below ten, so that comparing them as text soon goes wrong, as it does on Kinesis. */
const FIRST_SEQUENCE = 8;

/** The durable streams in memory, for tests: appending and reading back. */
export function memoryEventLog(options: MemoryEventLogOptions = {}): MemoryEventLog {
  const shards = options.shards ?? 1;
  const faults = faultPlan((message, cause) => new LogUnavailable(message, cause));
  const streams = { critical: streamOf('critical', 1), bulk: streamOf('bulk', 1) };

  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    append(lane, entries) {
      const copies = entries.map(({ partitionKey, data }) => ({ partitionKey, data }));
      if (copies.length === 0) return Promise.resolve();
      return faults.run(() => {
        const { incarnation, records } = streams[lane];
        for (const entry of copies) {
          const sequence = String(FIRST_SEQUENCE + records.length);
          records.push({
            ...entry,
            sequence,
            incarnation,
            shardId: shardOf(entry.partitionKey, shards),
            ...(options.clock && { arrivedAt: options.clock.now() }),
          });
        }
      });
    },
    async *read(lane) {
      const snapshot = await faults.run(() => [...streams[lane].records]);
      const shardIds = [...new Set(snapshot.map((record) => record.shardId))].sort();
      for (const shardId of shardIds) {
        for (const record of snapshot) if (record.shardId === shardId) yield { ...record };
      }
    },
    records: (lane) => streams[lane].records.map((record) => ({ ...record })),
    recreate(lane) {
      streams[lane] = streamOf(lane, streams[lane].life + 1);
    },
  };
}

function streamOf(lane: Lane, life: number) {
  const records: LogRecord[] = [];
  return { incarnation: `${lane}-${life}`, life, records };
}

function shardOf(partitionKey: string, shards: number): string {
  const hash = createHash('md5').update(partitionKey).digest().readUInt32BE(0);
  return `shardId-${String(hash % shards).padStart(12, '0')}`;
}
