import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import type { BatchRecord } from '../../functions/fold-profiles/batch-record.ts';
import { foldBatch, type FoldDependencies } from '../../functions/fold-profiles/fold-batch.ts';
import { sortEvents } from '../../functions/collect-events/sort-events.ts';
import { toAttributes } from '../../shared/adapters/dynamodb/item-attributes.ts';
import { memoryMeter } from '../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../shared/adapters/memory/memory-suppressions.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryProfileStore } from '../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { manualClock } from '../../shared/adapters/memory/manual-clock.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { ItemRef, ProfileStore } from '../../shared/ports/profile-store.ts';
import { itemBytes, readUnits, writeUnits, type WireItem, type WireValue } from '../../local/capacity.ts';
import { store as config } from '../../store.config.ts';

/** Records that the fold gets at once, by lane. */
export type LaneBatches = Readonly<Record<Lane, number>>;

/** Always the same time: an item's bytes depend on how many zeros a number ends in. */
export const STILL = manualClock(Date.UTC(2026, 0, 1, 12, 34, 56, 789));

/** Records a batch that finds as many waiting: the event source mappings' batch sizes. */
export const FULL_BATCHES: LaneBatches = { critical: 500, bulk: 1_000 };
const FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;

export interface MemoryFold {
  readonly events: number;
  readonly rejected: number;
  readonly writes: number;
  readonly writesByKind: ReadonlyMap<string, number>;
  /** What DynamoDB would charge for these writes, and for the consistent reads before them. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** What it would charge for one eventually consistent Query of each subject at the end. */
  readonly queryUnits: readonly number[];
  readonly invocations: number;
  /** Bytes of each record that went into a lane's stream. */
  readonly recordBytes: Readonly<Record<Lane, readonly number[]>>;
  /** Every item at the end. */
  readonly items: readonly StoredItem[];
  /** Bytes of every item at the end, by kind. */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
}

/**
 * Folds events in full batches with the function's own code and counts what it writes. Always the same counts for
 * the same events: what a replay comes to when the fold is never short of records.
 */
export async function foldInMemory(lines: readonly string[], batches = FULL_BATCHES): Promise<MemoryFold> {
  const inner = memoryProfileStore();
  const writesByKind = new Map<string, number>();
  const held = new Map<string, number>();
  const units = { write: 0, read: 0 };
  const bytesOf = (item: StoredItem): number => itemBytes(wire(toAttributes(item)));
  const heldBytes = (refs: readonly ItemRef[]): readonly number[] =>
    [...new Set(refs.map(nameOf))].map((name) => held.get(name) ?? 0);
  const store: ProfileStore = {
    ...inner,
    async read(refs) {
      for (const bytes of heldBytes(refs)) units.read += readUnits(bytes, true);
      return inner.read(refs);
    },
    async query(key, options) {
      const items = await inner.query(key, options);
      units.read += readUnits(sum(items.map(bytesOf)), options?.consistent ?? false);
      return items;
    },
    async write(item) {
      const kind = kindOf(item.item);
      writesByKind.set(kind, (writesByKind.get(kind) ?? 0) + 1);
      const bytes = bytesOf(item);
      units.write += writeUnits(Math.max(bytes, held.get(nameOf(item)) ?? 0));
      held.set(nameOf(item), bytes);
      return inner.write(item);
    },
  };
  const { lanes, rejected } = await recordsOf(lines);
  let invocations = 0;
  for (const lane of ['critical', 'bulk'] as const) {
    const records = lanes[lane];
    for (let from = 0; from < records.length; from += batches[lane]) {
      invocations += 1;
      const failed = await foldBatch(
        records.slice(from, from + batches[lane]),
        incarnationOf(`stream-${lane}`),
        () => true,
        foldPorts(lane, store),
      );
      if (failed !== null) throw new Error(`a record could not be folded: ${failed}`);
    }
  }
  const sizes = new Map<string, number[]>();
  for (const item of inner.items()) {
    const kind = kindOf(item.item);
    const ofKind = sizes.get(kind) ?? [];
    ofKind.push(bytesOf(item));
    sizes.set(kind, ofKind);
  }
  const queryUnits: number[] = [];
  for (const key of new Set(inner.items().map((item) => item.key)))
    queryUnits.push(readUnits(sum((await inner.query(key)).map(bytesOf)), false));
  const recordBytes = (lane: Lane): readonly number[] => lanes[lane].map(({ data }) => data.length);
  return {
    events: lines.length - rejected,
    rejected,
    writes: sum([...writesByKind.values()]),
    writesByKind,
    writeUnits: units.write,
    readUnits: units.read,
    queryUnits,
    invocations,
    recordBytes: { critical: recordBytes('critical'), bulk: recordBytes('bulk') },
    sizes,
    items: inner.items(),
  };
}

/** All that the fold needs, as far as it is measured over a store alone. */
export function foldPorts(lane: Lane, store: ProfileStore): FoldDependencies {
  return {
    lane,
    store,
    quarantine: memoryQuarantine(),
    suppressions: memorySuppressions(),
    clock: STILL,
    meter: memoryMeter(),
    log: memoryLog(),
    windows: segmentsOfConfig(config.segments).windows,
    streamRetentionMs: config.stages.dev.streamRetentionHours * 3_600_000,
  };
}

/** What the collector makes of events: each lane's records, as the stream would hand them out. */
export async function recordsOf(
  lines: readonly string[],
): Promise<{ readonly lanes: Readonly<Record<Lane, readonly BatchRecord[]>>; readonly rejected: number }> {
  const { lanes, rejected } = await sortEvents(
    { events: lines.map((line) => JSON.parse(line) as unknown), isBatch: true },
    { source: 'server', receivedAt: STILL.now(), correlationId: 'bench' },
    {
      subjectKeys: subjectKeys('bench'),
      tokens: { verify: () => Promise.resolve({ ok: false, reason: 'unavailable' }) },
    },
  );
  const records = (lane: Lane): readonly BatchRecord[] =>
    lanes[lane].map(({ partitionKey, data }, index) => ({
      shardId: 'shardId-000000000000',
      sequence: String(FIRST_SEQUENCE + BigInt(index)),
      partitionKey,
      data: Buffer.from(data),
      arrivedAt: STILL.now(),
    }));
  return { lanes: { critical: records('critical'), bulk: records('bulk') }, rejected: rejected.length };
}

function nameOf({ key, item }: ItemRef): string {
  return `${key}\n${item}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `link#…` and `orders#…` are one kind each. */
export function kindOf(item: string): string {
  return item.includes('#') ? `${item.split('#')[0]}#` : item;
}

function wire(attributes: ReturnType<typeof toAttributes>): WireItem {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { S, N, B }]): [string, WireValue] => [
      name,
      B ? { B: Buffer.from(B).toString('base64') } : S === undefined ? { N: N ?? '' } : { S },
    ]),
  );
}
