import { createHash } from 'node:crypto';
import { type Random } from '../bench/ranking/seeded-random.ts';

export interface StreamRecord {
  readonly sequence: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** ms */
  readonly arrivedAt: number;
}

export interface Shard {
  readonly id: string;
  /** Read to their end before this one is begun. */
  readonly parents: readonly string[];
  /** Of the first 32 bits of the key's hash. */
  readonly from: number;
  readonly to: number;
  readonly records: StreamRecord[];
  isClosed: boolean;
}

export interface StreamModel {
  readonly name: string;
  readonly shards: readonly Shard[];
  /** @returns the record's sequence number */
  put(partitionKey: string, data: Uint8Array, arrivedAt: number): string;
  /** Splits an open shard, or merges it with its neighbour, as Kinesis does: closed, with children. */
  reshard(): void;
}

const RANGE = 2 ** 32;
/** Where AWS's numbers begin, give or take; 56 digits. */
const FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;

/** As far apart as two streams begin: farther than a number of 53 bits can tell, so that some round up and some down. */
const SPREAD = 2n ** 82n;

/** A stream as Kinesis keeps it: shards by hash of the key, sequence numbers that grow by leaps, splits and merges. */
export function streamModel(name: string, random: Random, shardCount: number): StreamModel {
  let sequence = FIRST_SEQUENCE + BigInt(Math.floor(random() * Number.MAX_SAFE_INTEGER)) * SPREAD;
  const shards: Shard[] = [];
  const open = (from: number, to: number, parents: readonly string[] = []): void => {
    const id = `shardId-${String(shards.length).padStart(12, '0')}`;
    shards.push({ id, parents, from, to, records: [], isClosed: false });
  };
  for (let index = 0; index < shardCount; index++)
    open((RANGE / shardCount) * index, (RANGE / shardCount) * (index + 1));
  const openShards = (): readonly Shard[] =>
    shards.filter(({ isClosed }) => !isClosed).sort((one, other) => one.from - other.from);

  return {
    name,
    shards,
    put(partitionKey, data, arrivedAt) {
      const hash = createHash('md5').update(partitionKey).digest().readUInt32BE(0);
      sequence += 1n + BigInt(Math.floor(random() * 3));
      const shard = openShards().find(({ from, to }) => hash >= from && hash < to);
      shard?.records.push({ sequence: String(sequence), partitionKey, data, arrivedAt });
      return String(sequence);
    },
    reshard() {
      const [shard, neighbour] = openShards().slice(Math.floor(random() * openShards().length));
      if (!shard) return;
      shard.isClosed = true;
      if (neighbour && random() < 0.5) {
        neighbour.isClosed = true;
        open(shard.from, neighbour.to, [shard.id, neighbour.id]);
      } else {
        const middle = Math.floor((shard.from + shard.to) / 2);
        open(shard.from, middle, [shard.id]);
        open(middle, shard.to, [shard.id]);
      }
    },
  };
}
