import {
  recordId,
  type AuditedRecord,
  type AuditPosition,
  type AuditState,
  type DueRecord,
  type Finding,
  type OpenRecord,
  type ShardProgress,
} from '../../shared/domain/audit.ts';
import { repetitionFinder } from '../../shared/domain/repetition.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { subjectSample, type SubjectSample } from '../../shared/domain/subject-sample.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { LogRecord, ShardReader } from '../../shared/ports/event-log.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import type { WindowPlan } from '../../shared/domain/segments/window.ts';
import { compareProfiles, type ProfilesCompared } from './compare-profiles.ts';
import { recordDecider, type DecidedRecord, type DecideDependencies } from './decide-records.ts';

/** Beyond so many records that are not accounted for, an audit goes no further: it can keep no more of them. */
const MAX_OPEN = 1_000;
const REMEMBERED_MESSAGES = 50_000;
const SAMPLED_BYTES = 64 * 1024 * 1024;

export interface StreamDependencies extends DecideDependencies {
  readonly streams: ShardReader;
  /** What the fold keeps for segments. */
  readonly windows: WindowPlan;
}

export interface AuditSpan {
  /** Where the audit before ended; a shard that is not in it is read from its oldest record. */
  readonly position: AuditPosition;
  /** ms; only what arrived from then on */
  readonly since?: number;
  /** ms; only what arrived by then */
  readonly until: number;
  /** What the audit before could not account for. */
  readonly open: readonly DueRecord[];
  /** How long the streams keep a record. */
  readonly retentionMs: number;
  /** How many subjects are compared at most. */
  readonly profiles: number;
}

export interface AuditFindings {
  readonly position: AuditPosition;
  /** Whether all of the span is decided. */
  readonly isComplete: boolean;
  /** Decided in this audit, and what became of them; the rest of them is `open`. */
  readonly records: number;
  readonly applied: number;
  readonly deduplicated: number;
  readonly suppressed: number;
  readonly quarantined: number;
  /** All that is not accounted for, of this audit and of those before. */
  readonly open: readonly OpenRecord[];
  /** Were open before, and can be decided no more: the streams have let go of them. */
  readonly expired: readonly OpenRecord[];
  /** Shards that may have let go of records before any audit came to them. */
  readonly unseen: readonly string[];
  readonly profiles: ProfilesCompared;
}

export interface StreamAudit {
  /** Goes through the span as far as there is time. Rejects with the port's error that ended it. */
  run(): Promise<AuditFindings>;
  /** What is true at any moment: the records up to this position are decided, but for those that are open. */
  soFar(): AuditState;
}

/**
 * Decides every record of a span of both streams, shard by shard, those first that are furthest behind; then asks once
 * more for what is open, and compares a sample of profiles.
 */
export function auditStreams(
  span: AuditSpan,
  hasTime: () => boolean,
  dependencies: StreamDependencies,
): StreamAudit {
  const { streams, store, windows } = dependencies;
  const position: Record<string, ShardProgress> = { ...span.position };
  const open = new Map(span.open.map((due) => [recordId(due), due]));
  const carried = new Set(open.keys());
  const counts = { records: 0, applied: 0, deduplicated: 0, suppressed: 0, quarantined: 0 };
  const decider = recordDecider(dependencies);
  const isRepeated = repetitionFinder(REMEMBERED_MESSAGES);
  const sample = subjectSample({
    salt: String(span.until),
    subjects: span.profiles,
    bytes: SAMPLED_BYTES,
  });

  const mayGoOn = (): boolean => hasTime() && open.size < MAX_OPEN;

  function note({ record, due, finding }: DecidedRecord, bytes: number): void {
    counts.records += 1;
    addToSample(sample, record, due, finding, bytes);
    if (finding === 'quarantined' || finding === 'suppressed') counts[finding] += 1;
    else if (finding !== 'taken') open.set(recordId(due), due);
    else if (record.event !== null && isRepeated(record.event, record.lane)) counts.deduplicated += 1;
    else counts.applied += 1;
  }

  /** @returns whether all of the span is decided in this shard */
  async function decideShard({ name, lane, shardId }: ShardName, progress: ShardProgress): Promise<boolean> {
    if (progress.until >= span.until) return true;
    if (!mayGoOn()) return false;
    const { incarnation, after } = progress;
    const pages = streams.readShard(lane, shardId, {
      ...(after !== undefined && { after }),
      ...(span.since !== undefined && { since: span.since }),
      until: span.until,
    });
    let reached = progress;
    for await (const page of pages) {
      const decided = await decider.decide(page.map((record) => auditedRecord(lane, record)));
      decided.forEach((one, index) => note(one, page[index]?.data.length ?? 0));
      const { sequence = after, arrivedAt = 0 } = page.at(-1) ?? {};
      // Of the same millisecond more may follow.
      const until = Math.max(reached.until, arrivedAt - 1);
      reached = { incarnation, ...(sequence !== undefined && { after: sequence }), until };
      position[name] = reached;
      if (!mayGoOn()) return false;
    }
    position[name] = { ...reached, until: span.until };
    return true;
  }

  async function decideShards(shards: readonly ShardName[]): Promise<boolean> {
    const begun = shards.map((shard) => ({ shard, progress: progressIn(span.position, shard) }));
    for (const name of Object.keys(position)) delete position[name];
    for (const { shard, progress } of begun) position[shard.name] = progress;
    let isComplete = true;
    for (const { shard, progress } of begun.sort((one, other) => one.progress.until - other.progress.until)) {
      isComplete = (await decideShard(shard, progress)) && isComplete;
    }
    return isComplete;
  }

  return {
    async run() {
      const shards = await shardsOf(streams);
      const isComplete = await decideShards(shards);
      const horizon = span.until - span.retentionMs;
      const expired: OpenRecord[] = [];
      const left: OpenRecord[] = [];
      for (const { due, finding } of await decider.decideAgain([...open.values()])) {
        const isCarried = carried.has(recordId(due));
        if (finding === 'taken' || finding === 'suppressed' || finding === 'quarantined') {
          open.delete(recordId(due));
          if (!isCarried) counts[finding === 'taken' ? 'applied' : finding] += 1;
        } else if (due.arrivedAt < horizon || !shards.some((shard) => isOf(due, shard))) {
          open.delete(recordId(due));
          expired.push({ ...due, finding });
        } else left.push({ ...due, finding });
      }
      return {
        position: { ...position },
        isComplete,
        ...counts,
        open: left,
        expired,
        unseen: shards
          .filter((shard) => isBehindHorizon(progressIn(span.position, shard), horizon))
          .map(({ name }) => name),
        profiles: await compareProfiles(sample.histories(), store, windows),
      };
    },
    soFar: () => ({ position: { ...position }, open: [...open.values()] }),
  };
}

interface ShardName {
  /** As in a position. */
  readonly name: string;
  readonly lane: Lane;
  readonly shardId: string;
  readonly incarnation: string;
}

async function shardsOf(streams: ShardReader): Promise<readonly ShardName[]> {
  const shards: ShardName[] = [];
  for (const lane of ['critical', 'bulk'] as const) {
    for (const { shardId, incarnation } of await streams.shards(lane)) {
      shards.push({
        name: `${lane}/${shardId}`,
        lane,
        shardId,
        incarnation: incarnationOf(incarnation),
      });
    }
  }
  return shards;
}

/** A position in a former life of a stream says nothing of this one. */
function progressIn(position: AuditPosition, { name, incarnation }: ShardName): ShardProgress {
  const known = position[name];
  return known?.incarnation === incarnation ? known : { incarnation, until: 0 };
}

function isBehindHorizon({ until }: ShardProgress, horizon: number): boolean {
  return until > 0 && until < horizon;
}

function isOf(due: DueRecord, { lane, incarnation }: ShardName): boolean {
  return due.lane === lane && due.incarnation === incarnation;
}

function auditedRecord(lane: Lane, record: LogRecord): AuditedRecord {
  const { incarnation, shardId, sequence, partitionKey, data, arrivedAt = 0 } = record;
  const parsed = parseStreamRecord(Buffer.from(data), partitionKey);
  return {
    lane,
    incarnation: incarnationOf(incarnation),
    shardId,
    sequence,
    arrivedAt,
    event: parsed.ok ? parsed.value : null,
  };
}

/** Only what was taken, or is taken by no facet, tells what a facet must hold. */
function addToSample(
  sample: SubjectSample,
  record: AuditedRecord,
  due: DueRecord,
  finding: Finding,
  bytes: number,
): void {
  if (record.event === null) return;
  const isPoison = finding === 'quarantined' && due.facets.length === 0;
  if (finding === 'taken' || finding === 'suppressed' || isPoison) sample.add(record, record.event, bytes);
  else sample.spoil(due.key, due.lane);
}
