import { foldBatch, type BatchRecord } from '../../functions/fold-profiles/fold-batch.ts';
import { sortEvents } from '../../functions/collect-events/sort-events.ts';
import { toAttributes } from '../../shared/adapters/dynamodb/item-attributes.ts';
import { memoryMeter } from '../../shared/adapters/memory/memory-meter.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryProfileStore } from '../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import { store as config } from '../../store.config.ts';
import { itemBytes, type WireItem, type WireValue } from './capacity.ts';

/** Records a batch that finds as many waiting: the event source mappings' batch sizes. */
export const FULL_BATCHES: Readonly<Record<Lane, number>> = { critical: 500, bulk: 1_000 };
const FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;

export interface MemoryFold {
  readonly events: number;
  readonly rejected: number;
  readonly writes: number;
  readonly writesByKind: ReadonlyMap<string, number>;
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
  const store: ProfileStore = {
    ...inner,
    async write(item) {
      const kind = kindOf(item.item);
      writesByKind.set(kind, (writesByKind.get(kind) ?? 0) + 1);
      return inner.write(item);
    },
  };
  const { lanes, rejected } = await sortEvents(
    { events: lines.map((line) => JSON.parse(line) as unknown), isBatch: true },
    { source: 'server', receivedAt: systemClock.now(), correlationId: 'bench' },
    {
      subjectKeys: subjectKeys('bench'),
      tokens: { verify: () => Promise.resolve({ ok: false, reason: 'unavailable' }) },
    },
  );
  for (const lane of ['critical', 'bulk'] as const) {
    const records = lanes[lane].map(({ partitionKey, data }, index): BatchRecord => ({
      shardId: 'shardId-000000000000',
      sequence: String(FIRST_SEQUENCE + BigInt(index)),
      partitionKey,
      data: Buffer.from(data),
      arrivedAt: systemClock.now(),
    }));
    for (let from = 0; from < records.length; from += batches[lane]) {
      const failed = await foldBatch(
        records.slice(from, from + batches[lane]),
        incarnationOf(`stream-${lane}`),
        () => true,
        {
          lane,
          store,
          quarantine: memoryQuarantine(),
          clock: systemClock,
          meter: memoryMeter(),
          log: memoryLog(),
          streamRetentionMs: config.stages.dev.streamRetentionHours * 3_600_000,
        },
      );
      if (failed !== null) throw new Error(`a record could not be folded: ${failed}`);
    }
  }
  const sizes = new Map<string, number[]>();
  for (const item of inner.items()) {
    const kind = kindOf(item.item);
    const ofKind = sizes.get(kind) ?? [];
    ofKind.push(itemBytes(wire(toAttributes(item))));
    sizes.set(kind, ofKind);
  }
  return {
    events: lines.length - rejected.length,
    rejected: rejected.length,
    writes: [...writesByKind.values()].reduce((sum, count) => sum + count, 0),
    writesByKind,
    sizes,
  };
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
