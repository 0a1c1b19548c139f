import { createHash } from 'node:crypto';
import type { Lane } from '../../domain/stream-event.ts';
import { compareSequences } from '../../domain/watermark.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  LogUnavailable,
  type EventLog,
  type EventLogReader,
  type LogRecord,
  type ShardReader,
} from '../../ports/event-log.ts';
import { faultPlan, type Faults } from './faults.ts';

export interface MemoryEventLog extends EventLog, EventLogReader, ShardReader, Faults {
  /** Every record of a lane in the order of appending; a copy. */
  records(lane: Lane): readonly LogRecord[];
  /** Ends this life of a lane's stream and begins the next: no records, another incarnation, positions anew. */
  recreate(lane: Lane): void;
  /** Lets go of a lane's oldest records, as time does. */
  trim(lane: Lane, count: number): void;
}

export interface MemoryEventLogOptions {
  /** Shards a lane; a partition key stays on one. Default 1. */
  readonly shards?: number;
  /** Says when a record arrived; without it, records do not tell. */
  readonly clock?: Clock;
}

const PAGE_RECORDS = 100;

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
          const sequence = String(streams[lane].nextSequence++);
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
    async shards(lane) {
      const { incarnation } = streams[lane];
      return await faults.run(() =>
        Array.from({ length: shards }, (_, index) => ({ shardId: shardName(index), incarnation })),
      );
    },
    async *readShard(lane, shardId, { after, since = 0, until }) {
      const snapshot = streams[lane].records.filter((record) => record.shardId === shardId);
      const behind = snapshot.filter(
        ({ sequence }) => after === undefined || compareSequences(sequence, after) > 0,
      );
      const tooLate = behind.findIndex(({ arrivedAt = 0 }) => arrivedAt > until);
      const wanted = behind
        .slice(0, tooLate < 0 ? behind.length : tooLate)
        .filter(({ arrivedAt = since }) => arrivedAt >= since);
      for (let at = 0; at < wanted.length; at += PAGE_RECORDS) {
        yield await faults.run(() => wanted.slice(at, at + PAGE_RECORDS).map((record) => ({ ...record })));
      }
    },
    records: (lane) => streams[lane].records.map((record) => ({ ...record })),
    recreate(lane) {
      streams[lane] = streamOf(lane, streams[lane].life + 1);
    },
    trim: (lane, count) => void streams[lane].records.splice(0, count),
  };
}

function streamOf(lane: Lane, life: number) {
  const records: LogRecord[] = [];
  return { incarnation: `${lane}-${life}`, life, records, nextSequence: FIRST_SEQUENCE };
}

function shardOf(partitionKey: string, shards: number): string {
  const hash = createHash('md5').update(partitionKey).digest().readUInt32BE(0);
  return shardName(hash % shards);
}

function shardName(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`;
}
