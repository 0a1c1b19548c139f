import { setTimeout as sleep } from 'node:timers/promises';
import type { FacetName, StoredItem, Watermark } from '../shared/domain/item.ts';
import {
  claimsOf,
  settle,
  type Account,
  type Claim,
  type RetainedRecord,
} from '../shared/domain/reconcile.ts';
import { hasTaken, incarnationOf } from '../shared/domain/watermark.ts';
import type { EventLogReader } from '../shared/ports/event-log.ts';
import type { ProfileStore } from '../shared/ports/profile-store.ts';
import { parseStreamRecord } from '../shared/protocol/stream-record.ts';
import type { SentEvents } from './send-events.ts';
import type { StackNames } from './stack-names.ts';
import { stackParts } from './stack-parts.ts';

/** The collector's clock may be behind this machine's by so much. */
const CLOCK_SKEW_MS = 5_000;
/** Without progress for so long, what is missing is called a gap. */
const PATIENCE_MS = 60_000;
const POLL_MS = 250;

/**
 * Follows what a replay had accepted until every event is settled: applied, deduplicated, suppressed or in quarantine.
 * Reads the streams once, then the watermarks of the facets concerned until they have passed.
 */
export async function reconcile(names: StackNames, sent: SentEvents, startedAt: number): Promise<Account> {
  const { store, log, quarantine } = stackParts(names);
  const since = startedAt - CLOCK_SKEW_MS;
  const claims = claimsOf(
    await retainedRecords(log),
    (event) => event.receivedAt >= since && sent.acceptedMessages.has(event.message.messageId),
  );
  const traces = new Map<string, StoredItem>();
  const quarantined = new Set<string>();
  const account = (): Account =>
    settle(
      sent.acceptedMessages,
      claims,
      (key, facet) => traces.get(`${key}/${facet}`),
      (id) => quarantined.has(id),
    );

  let current = account();
  for (let progressAt = Date.now(); current.gap > 0 && Date.now() - progressAt < PATIENCE_MS;) {
    await readTraces(claims, traces, store);
    quarantined.clear();
    for await (const { id, redrive } of quarantine.list(since)) {
      // What was put back is to be found as an event again.
      if (redrive !== 'done') quarantined.add(id);
    }
    const next = account();
    if (next.gap < current.gap) progressAt = Date.now();
    current = next;
    if (current.gap > 0) await sleep(POLL_MS);
  }
  return current;
}

async function retainedRecords(log: EventLogReader): Promise<readonly RetainedRecord[]> {
  const records: RetainedRecord[] = [];
  for (const lane of ['critical', 'bulk'] as const) {
    for await (const { incarnation, shardId, sequence, partitionKey, data } of log.read(lane)) {
      const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
      records.push({
        lane,
        incarnation: incarnationOf(incarnation),
        shardId,
        sequence,
        event: parsed.ok ? parsed.value : null,
      });
    }
  }
  return records;
}

/** Reads the facets whose watermark has not passed all its claims yet. */
async function readTraces(
  claims: readonly Claim[],
  traces: Map<string, StoredItem>,
  store: ProfileStore,
): Promise<void> {
  const last = new Map<
    string,
    { readonly key: string; readonly item: FacetName; readonly position: Watermark }
  >();
  for (const { key, facets, position } of claims) {
    for (const item of facets) last.set(`${key}/${item}`, { key, item, position });
  }
  const open = [...last].filter(([name, { position }]) => !hasTaken(traces.get(name), position));
  for (const stored of await store.read(open.map(([, { key, item }]) => ({ key, item })))) {
    traces.set(`${stored.key}/${stored.item}`, stored);
  }
}
