import { messageKeys, streamEventOf } from '../../shared/domain/accept.ts';
import { ruleOf } from '../../shared/domain/events.ts';
import type { FacetName, StoredItem } from '../../shared/domain/item.ts';
import {
  faultOf,
  isWithinWindow,
  ringFacetOf,
  standingOf,
  type Standing,
} from '../../shared/domain/redrive.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { compareSequences, hasTaken, incarnationOf } from '../../shared/domain/watermark.ts';
import type { EventLog, EventLogReader, LogEntry, LogRecord } from '../../shared/ports/event-log.ts';
import type { SubjectKeys } from '../../shared/ports/identity.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { KeptArrival, ListedEntry, RedriveMarks } from '../../shared/ports/quarantine.ts';
import { parseBody } from '../../shared/protocol/body.ts';
import { parseIngestion } from '../../shared/protocol/ingestion.ts';
import { parseMessage } from '../../shared/protocol/message.ts';
import { accept, reject, type Parsed, type Rejection } from '../../shared/protocol/rejection.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';

export interface RedriveDependencies {
  readonly store: Pick<ProfileStore, 'read'>;
  readonly log: EventLog & EventLogReader;
  readonly marks: RedriveMarks;
  /** Asked for only when an event that the collector turned down has to find its subject. */
  readonly subjectKeys: () => Promise<SubjectKeys>;
}

/**
 * `redriven`: back in its stream. `already-applied`: it needs nothing. `window-passed`: whether it was applied can
 * no longer be told, so it stays. `refused`: it can still not be taken, and stays with its reason.
 */
export type RedriveOutcome =
  | { readonly entry: ListedEntry; readonly outcome: 'redriven' | 'already-applied' | 'window-passed' }
  | { readonly entry: ListedEntry; readonly outcome: 'refused'; readonly rejection: Rejection };

/** So many entries are read and judged at a time; a lane is read once for all of them that ask for it. */
const PAGE_ENTRIES = 1_000;
/**
 * So many go back at a time, each handful marked before the next: a call whose answer is lost is made again, and
 * the copies of a message must not lie further apart than any ring reaches.
 */
const HANDFUL = 8;

/**
 * Puts entries back into their streams. Each counts once: what a ring may have forgotten is not put back, and money
 * is keyed by its own ids. An entry is marked `begun` before and `done` after; whoever finds only the first mark
 * takes it that the entry may be in the stream.
 *
 * Rejects with `StoreUnavailable`, `LogUnavailable` or `QuarantineUnavailable`; the rest is then to be tried again.
 */
export async function* redrive(
  entries: readonly ListedEntry[],
  { isDryRun }: { readonly isDryRun: boolean },
  dependencies: RedriveDependencies,
): AsyncGenerator<RedriveOutcome> {
  const messages = new Set<string>();
  for (let at = 0; at < entries.length; at += PAGE_ENTRIES) {
    const judged = await judge(entries.slice(at, at + PAGE_ENTRIES), messages, dependencies);
    for (let next = 0; next < judged.length; next += HANDFUL) {
      const handful = judged.slice(next, next + HANDFUL);
      if (!isDryRun) await putBack(handful, dependencies);
      yield* handful.map(({ outcome }) => outcome);
    }
  }
}

interface Judged {
  readonly outcome: RedriveOutcome;
  readonly events: readonly RedrivenEvent[];
}

interface RedrivenEvent {
  readonly lane: Lane;
  readonly event: StreamEvent;
  readonly data: string;
}

async function putBack(handful: readonly Judged[], { log, marks }: RedriveDependencies): Promise<void> {
  const ready = handful.filter(({ outcome }) => outcome.outcome === 'redriven');
  if (ready.length > 0) {
    await marks.mark(
      ready.map(({ outcome }) => outcome.entry),
      'begun',
    );
    for (const lane of ['critical', 'bulk'] as const) {
      const records = ready.flatMap(({ events }) => events).filter((event) => event.lane === lane);
      for (let at = 0; at < records.length; at += HANDFUL)
        await log.append(lane, records.slice(at, at + HANDFUL).map(logEntryOf));
    }
  }
  const settled = handful.filter(
    ({ outcome }) => outcome.outcome === 'redriven' || outcome.outcome === 'already-applied',
  );
  if (settled.length > 0)
    await marks.mark(
      settled.map(({ outcome }) => outcome.entry),
      'done',
    );
}

function logEntryOf({ event, data }: RedrivenEvent): LogEntry {
  return { partitionKey: event.subject.key, data };
}

/** @param messages of this run so far: the same one, quarantined twice, goes back once */
async function judge(
  entries: readonly ListedEntry[],
  messages: Set<string>,
  dependencies: RedriveDependencies,
): Promise<readonly Judged[]> {
  const parsed: { readonly entry: ListedEntry; readonly events: Parsed<readonly RedrivenEvent[]> }[] = [];
  for (const entry of entries) parsed.push({ entry, events: await eventsOf(entry, dependencies) });

  const items = await readItems(
    parsed.flatMap(({ events }) => (events.ok ? events.value : [])),
    dependencies,
  );
  const considered = parsed.flatMap(({ entry, events }) =>
    events.ok ? events.value.map((event) => ({ entry, event, ...standing(entry, event, items) })) : [],
  );
  const following = await recordsAfter(
    considered.filter((one) => one.standing === 'forgotten' || one.standing === 'under-way'),
    dependencies,
  );

  return parsed.map(({ entry, events }): Judged => {
    if (!events.ok)
      return { outcome: { entry, outcome: 'refused', rejection: events.rejection }, events: [] };
    const own = considered.filter((one) => one.entry === entry);
    const left = own.filter((one) => one.standing !== 'applied');
    const isPassed = left.some(
      ({ standing: known, facet, event }) =>
        known !== 'fresh' &&
        facet !== undefined &&
        !isWithinWindow(facet, following.get(event) ?? Number.POSITIVE_INFINITY),
    );
    if (isPassed) return { outcome: { entry, outcome: 'window-passed' }, events: [] };
    const unseen = left.filter(({ event, facet }) => facet === undefined || isUnseen(event, messages));
    return {
      outcome: { entry, outcome: unseen.length > 0 ? 'redriven' : 'already-applied' },
      events: unseen.map(({ event }) => event),
    };
  });
}

function isUnseen({ lane, event }: RedrivenEvent, messages: Set<string>): boolean {
  const { kind, key } = event.subject;
  const name = JSON.stringify([lane, kind === 'claims', key, event.message.messageId]);
  if (messages.has(name)) return false;
  messages.add(name);
  return true;
}

/**
 * An entry's events as they go into a stream. Which of the two kinds it is, says the entry and never its bytes: a
 * sender can have anything quarantined, a well-made stream record of somebody else included.
 */
async function eventsOf(
  entry: ListedEntry,
  { subjectKeys }: RedriveDependencies,
): Promise<Parsed<readonly RedrivenEvent[]>> {
  const bytes = Buffer.from(entry.bytes, 'base64');
  if (entry.arrival !== undefined) return collected(bytes, entry.arrival, entry, await subjectKeys());
  if (entry.sequence === undefined)
    return reject('unknown_arrival', 'the entry does not say how its event came in');
  const record = recordIn(bytes);
  if (!record.ok) return record;
  const poison = faultOf(record.value);
  if (poison) return reject(poison.code, poison.message, poison.path);
  const lane =
    entry.lane === 'critical' || entry.lane === 'bulk' ? entry.lane : ruleOf(record.value.message).lane;
  return accept([{ lane, event: record.value, data: bytes.toString('utf8') }]);
}

/** A record under the key that it should have had: under another one it was poison for that alone. */
function recordIn(bytes: Uint8Array): Parsed<StreamEvent> {
  let key: unknown;
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as { subject?: { key?: unknown } } | null;
    key = value?.subject?.key;
  } catch {
    key = undefined;
  }
  return parseStreamRecord(bytes, typeof key === 'string' ? key : '');
}

/** Takes events as the collector would have taken them then: with what was proven then, as received then. */
function collected(
  bytes: Uint8Array,
  arrival: KeptArrival,
  { arrivedAt: receivedAt, correlationId }: ListedEntry,
  { keyOf }: SubjectKeys,
): Parsed<readonly RedrivenEvent[]> {
  const sent = sentEvents(bytes, arrival);
  if (!sent.ok) return sent;
  const events: RedrivenEvent[] = [];
  for (const one of sent.value) {
    const parsed = parseMessage(one);
    if (!parsed.ok) return parsed;
    const { message, timestamp, sentAt = arrival.sentAt, traceId = correlationId } = parsed.value;
    const { source, provenUserId } = arrival;
    const { lane, event } = streamEventOf(
      message,
      { source, provenUserId, receivedAt, timestamp, sentAt, correlationId: traceId },
      messageKeys(message, keyOf),
    );
    const poison = faultOf(event);
    if (poison) return reject(poison.code, poison.message, poison.path);
    events.push({ lane, event, data: JSON.stringify(event) });
  }
  return accept(events);
}

function sentEvents(bytes: Uint8Array, { indexes }: KeptArrival): Parsed<readonly unknown[]> {
  const body = parseBody(bytes);
  if (!body.ok || indexes === undefined) return body.ok ? accept([body.value]) : body;
  const request = parseIngestion('batch', body.value);
  return request.ok ? accept(indexes.map((index) => request.value.events[index])) : request;
}

type ItemsByFacet = ReadonlyMap<string, StoredItem>;

async function readItems(
  events: readonly RedrivenEvent[],
  { store }: RedriveDependencies,
): Promise<ItemsByFacet> {
  const refs = events.flatMap(({ event, lane }) => {
    const item = ringFacetOf(event, lane);
    return item === undefined ? [] : [{ key: event.subject.key, item }];
  });
  const items = refs.length === 0 ? [] : await store.read(refs);
  return new Map(items.map((item) => [`${item.key}/${item.item}`, item]));
}

function standing(entry: ListedEntry, { event, lane }: RedrivenEvent, items: ItemsByFacet) {
  const facet = ringFacetOf(event, lane);
  if (facet === undefined) return { facet, standing: 'fresh' as const, item: undefined };
  const { incarnation, sequence } = entry;
  const position =
    incarnation === undefined || sequence === undefined ? undefined : { incarnation, sequence };
  const item = items.get(`${event.subject.key}/${facet}`);
  const isFirstTry = entry.redrive === undefined;
  return {
    facet,
    standing: standingOf(event, facet, item, position, isFirstTry),
    item,
  };
}

interface Doubtful {
  readonly entry: ListedEntry;
  readonly event: RedrivenEvent;
  readonly facet: FacetName | undefined;
  readonly standing: Standing;
  /** The facet, if it is there. */
  readonly item: StoredItem | undefined;
}

/**
 * How many records of an event's subject may lie behind it, from what its lane still retains: behind its place or its
 * arrival, or, if a copy may be under way, behind the watermark that the copy has not reached. Absent: the lane no
 * longer goes back so far, so nobody knows. Counts too many rather than too few.
 */
async function recordsAfter(
  doubtful: readonly Doubtful[],
  { log }: RedriveDependencies,
): Promise<ReadonlyMap<RedrivenEvent, number>> {
  const counts = new Map<RedrivenEvent, number>();
  for (const lane of ['critical', 'bulk'] as const) {
    const open = doubtful.filter(({ event }) => event.lane === lane);
    if (open.length === 0) continue;
    const byKey = new Map<string, Doubtful[]>();
    for (const one of open) {
      const { key } = one.event.event.subject;
      byKey.set(key, [...(byKey.get(key) ?? []), one]);
    }
    const bySequence = new Map(open.map((one) => [one.entry.sequence, one]));
    const reached = new Set<Doubtful>();
    let oldestArrival = Number.POSITIVE_INFINITY;
    for await (const record of log.read(lane)) {
      const itself = bySequence.get(record.sequence);
      if (itself && !isOfAnotherLife(record, itself)) reached.add(itself);
      oldestArrival = Math.min(oldestArrival, record.arrivedAt ?? oldestArrival);
      for (const one of byKey.get(record.partitionKey) ?? []) {
        // From the first that is later on, all of them: what was put back came in long before its place in the stream.
        const count = counts.get(one.event);
        if (count !== undefined || isAfter(record, one)) counts.set(one.event, (count ?? 0) + 1);
      }
    }
    for (const one of open) {
      const goesBack =
        one.entry.sequence === undefined ? oldestArrival <= one.entry.arrivedAt : reached.has(one);
      if (goesBack || one.standing === 'under-way') counts.set(one.event, counts.get(one.event) ?? 0);
      else counts.delete(one.event);
    }
  }
  return counts;
}

function isAfter(record: LogRecord, one: Doubtful): boolean {
  const { entry, standing: known, item } = one;
  const { sequence } = record;
  if (known === 'under-way')
    return !hasTaken(item, { incarnation: incarnationOf(record.incarnation), sequence });
  return entry.sequence === undefined
    ? receivedAtOf(record) >= entry.arrivedAt
    : isOfAnotherLife(record, one) ||
        receivedAtOf(record) > entry.arrivedAt ||
        compareSequences(sequence, entry.sequence) > 0;
}

/** Whether a record is of another life of the stream than an entry, as far as the entry says: they have no order then. */
function isOfAnotherLife({ incarnation }: LogRecord, { entry }: Doubtful): boolean {
  return entry.incarnation !== undefined && entry.incarnation !== incarnationOf(incarnation);
}

function receivedAtOf({ data, partitionKey }: LogRecord): number {
  const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
  return parsed.ok ? parsed.value.receivedAt : Number.POSITIVE_INFINITY;
}
