import type { KinesisStreamEvent } from 'aws-lambda';
import { createHmac } from 'node:crypto';
import { auditProfiles } from '../functions/audit-profiles/handler.ts';
import { collectEvents } from '../functions/collect-events/handler.ts';
import { countRegions } from '../functions/count-regions/handler.ts';
import { decideCheckout } from '../functions/decide-checkout/handler.ts';
import { knownRegions } from '../functions/decide-checkout/known-regions.ts';
import { storeBreaker, type StoreBreaker } from '../functions/decide-checkout/store-breaker.ts';
import { eraseProfile } from '../functions/erase-profile/handler.ts';
import { foldProfiles } from '../functions/fold-profiles/handler.ts';
import { outcomeMeter } from '../functions/fold-profiles/measure-outcomes.ts';
import { readProfile } from '../functions/read-profile/handler.ts';
import type { HttpReply, HttpRequest } from '../shared/adapters/http/http-handler.ts';
import { hs256TokenVerifier } from '../shared/adapters/identity/hs256-token-verifier.ts';
import { manualClock, type ManualClock } from '../shared/adapters/memory/manual-clock.ts';
import { memoryAuditStates } from '../shared/adapters/memory/memory-audit-states.ts';
import { memoryEventLog } from '../shared/adapters/memory/memory-event-log.ts';
import { trueOnce } from '../shared/adapters/telemetry/cold-start.ts';
import { memoryLog } from '../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../shared/adapters/memory/memory-suppressions.ts';
import { memoryProfileStore } from '../shared/adapters/memory/memory-profile-store.ts';
import { memoryRegionStore } from '../shared/adapters/memory/memory-region-store.ts';
import { memoryQuarantine } from '../shared/adapters/memory/memory-quarantine.ts';
import { sourceKeys } from '../shared/adapters/secrets/source-keys.ts';
import { subjectKeys } from '../shared/adapters/secrets/subject-keys.ts';
import { systemTimer } from '../shared/adapters/system-timer.ts';
import { AUDIT_DISTANCE_MS } from '../shared/domain/audit.ts';
import { decisionIdOf } from '../shared/domain/decision-id.ts';
import { decisionConfigOf } from '../shared/domain/decision-config.ts';
import type { ConsentRegime } from '../shared/domain/store-config.ts';
import type { StoredItem } from '../shared/domain/item.ts';
import type { Lane } from '../shared/domain/stream-event.ts';
import type { TokenVerifier } from '../shared/ports/identity.ts';
import { StoreUnavailable, type ProfileStore } from '../shared/ports/profile-store.ts';
import type { RegionStore } from '../shared/ports/region-store.ts';
import type { Timer } from '../shared/ports/timer.ts';
import type { AuditReport } from '../shared/protocol/audit.ts';
import { traceIdOf } from '../shared/protocol/trace-context.ts';
import { store as config } from '../store.config.ts';
import type { Announcing } from '../functions/fold-profiles/announce-memberships.ts';
import { SEGMENTS } from './segments.ts';

export const NOW = Date.UTC(2026, 0, 15, 12);
export const STREAM_RETENTION_MS = config.stages.dev.streamRetentionHours * 3_600_000;
export const WRITE_KEY = 'wk_test';
export const SECRET_KEY = 'sk_test';
export const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
export const AS_SERVER = { authorization: basic(SECRET_KEY) };
export const AS_BROWSER = { authorization: basic(WRITE_KEY) };

const CONFIG = decisionConfigOf(config);
const IDENTITY_SECRET = 'test-identity-secret';
const keysOf = subjectKeys('test-subject-secret');
/** The key that a subject, `u:<userId>` or `a:<anonymousId>`, is stored under. */
export const keyOf = (subject: string) => keysOf.keyOf(subject);

/** An identity token as the shop would sign it, for ten minutes from {@link NOW} unless told otherwise. */
export function tokenFor(userId: string, { secret = IDENTITY_SECRET, seconds = 600 } = {}): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'HS256' })}.${encode({ sub: userId, exp: NOW / 1000 + seconds })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

type Headers = Readonly<Record<string, string>>;
export type Body = Uint8Array | string | object;

export interface MemoryStageOptions {
  /** What decisions read from instead of the stage's own store. */
  readonly decisionStore?: Pick<ProfileStore, 'query'>;
  readonly decisionRegions?: Pick<RegionStore, 'newest'>;
  readonly breaker?: StoreBreaker;
  readonly tokens?: TokenVerifier;
  /** What decisions measure their time with. Default: this machine's. */
  readonly timer?: Timer;
  /** Default: one that stands still at {@link NOW}. */
  readonly clock?: ManualClock;
  readonly consentRegime?: ConsentRegime;
  readonly decisionDeadlineMs?: number;
  /** Default: nothing is announced. */
  readonly announcing?: Announcing;
}

export interface SentRecord {
  readonly sequence: string;
  readonly partitionKey: string;
  readonly data: string | Uint8Array;
  /** ms; default {@link NOW} */
  readonly arrivedAt?: number;
}

export interface DeliverOptions {
  /** Lambda's time left each time the function asks; the last one stays. */
  readonly remainingMs?: readonly number[];
  readonly stream?: string;
}

export type MemoryStage = ReturnType<typeof memoryStage>;

/** Every function of a stage, wired to memory: what a test calls in the place of API Gateway and Lambda. */
export function memoryStage(options: MemoryStageOptions = {}) {
  const store = memoryProfileStore();
  const regionStore = memoryRegionStore();
  const { clock = manualClock(NOW), timer = systemTimer } = options;
  const eventLog = memoryEventLog({ clock });
  const quarantine = memoryQuarantine();
  const suppressions = memorySuppressions();
  const auditStates = memoryAuditStates();
  const meter = memoryMeter();
  const log = memoryLog();
  const regions = knownRegions({
    store: options.decisionRegions ?? regionStore,
    clock,
    timer,
    log,
    config: config.regions,
  });
  const breaker = options.breaker ?? storeBreaker({ timer, log });
  const keys = {
    sourceKeys: sourceKeys({ writeKey: WRITE_KEY, secretKey: SECRET_KEY }),
    subjectKeys: keysOf,
    tokens: options.tokens ?? hs256TokenVerifier({ secret: IDENTITY_SECRET }),
  };
  const outcomes = outcomeMeter({ store, clock, meter, log });
  const taken: Record<Lane, number> = { critical: 0, bulk: 0 };
  const isFirst = trueOnce();
  let requests = 0;
  let decisions = 0;

  const requestOf = (path: string, parameters: HttpRequest['parameters'], body: Body, headers: Headers) => ({
    method: 'POST',
    path,
    parameters,
    query: {},
    headers,
    body:
      body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    requestId: `request-${++requests}`,
    correlationId: traceIdOf(headers.traceparent) ?? `request-${requests}`,
  });
  const collector = { ...keys, eventLog, quarantine, clock, meter, log };
  const collect = (call: string | undefined, body: Body, headers: Headers = AS_SERVER): Promise<HttpReply> =>
    collectEvents(requestOf(`/v1/${call}`, { call }, body, headers), collector);
  const foldRecords = async (
    lane: Lane,
    records: readonly SentRecord[],
    { remainingMs = [60_000], stream = `${lane}-1` }: DeliverOptions = {},
  ): Promise<string | null> => {
    const left = [...remainingMs];
    const { batchItemFailures } = await foldProfiles(
      kinesisEvent(records, stream),
      { getRemainingTimeInMillis: () => (left.length > 1 ? left.shift() : left[0]) ?? 0 },
      {
        lane,
        store,
        quarantine,
        suppressions,
        clock,
        meter,
        log,
        windows: SEGMENTS.windows,
        streamRetentionMs: STREAM_RETENTION_MS,
        ...(lane === 'critical' && { outcomes }),
        ...(options.announcing && {
          windows: options.announcing.segments.windows,
          announcing: options.announcing,
        }),
      },
    );
    return batchItemFailures[0]?.itemIdentifier ?? null;
  };
  /** Delivers a lane's records from the first that is not taken yet; returns the sequence it is to go on from. */
  const deliver = async (lane: Lane, delivery?: DeliverOptions): Promise<string | null> => {
    const records = eventLog.records(lane).slice(taken[lane]);
    const failed = await foldRecords(lane, records, delivery);
    const index = records.findIndex(({ sequence }) => sequence === failed);
    taken[lane] += index < 0 ? records.length : index;
    return failed;
  };

  return {
    store,
    regionStore,
    eventLog,
    quarantine,
    suppressions,
    auditStates,
    clock,
    meter,
    log,
    collect,
    /** A GET that the collector answers: what clients ask for before they send. */
    ask: (
      path: string,
      {
        parameters = {},
        query = {},
        headers = {},
      }: Partial<Pick<HttpRequest, 'parameters' | 'query' | 'headers'>> = {},
    ): Promise<HttpReply> =>
      collectEvents({ ...requestOf(path, parameters, '', {}), method: 'GET', query, headers }, collector),
    foldRecords,
    deliver,
    /** Sends events through the collector and both folds: what a visitor did and the store now knows. */
    async learn(events: readonly object[], headers: Headers = AS_SERVER): Promise<void> {
      const reply = await collect('batch', { batch: events }, headers);
      const failed = [await deliver('critical'), await deliver('bulk')];
      if (JSON.stringify([reply.body, failed]) !== '[{"success":true},[null,null]]')
        throw new Error(`not learned: ${JSON.stringify([reply.body, failed])}`);
    },
    /** Delivers the whole critical lane to the regional counts, again and again if told so. */
    async countRegions(): Promise<string | null> {
      const { batchItemFailures } = await countRegions(
        kinesisEvent(eventLog.records('critical'), 'critical-1'),
        { getRemainingTimeInMillis: () => 60_000 },
        { store: regionStore, clock, meter, log },
      );
      return batchItemFailures[0]?.itemIdentifier ?? null;
    },
    /** One audit: on its schedule, or as a person asks for it. `remainingMs` as for a delivery. */
    audit: (
      event: unknown = { scheduled: { distanceMs: AUDIT_DISTANCE_MS } },
      remainingMs: readonly number[] = [600_000],
    ): Promise<AuditReport> => {
      const left = [...remainingMs];
      return auditProfiles(
        event,
        { getRemainingTimeInMillis: () => (left.length > 1 ? left.shift() : left[0]) ?? 0 },
        {
          streams: eventLog,
          store,
          quarantine,
          states: auditStates,
          retentionMs: 86_400_000,
          windows: SEGMENTS.windows,
          clock,
          meter,
          log,
        },
      );
    },
    decide: (body: Body, headers: Headers = AS_SERVER): Promise<HttpReply> =>
      decideCheckout(requestOf('/v1/decisions', {}, body, headers), {
        ...keys,
        store: { ...store, ...options.decisionStore },
        breaker,
        regions,
        clock,
        timer,
        meter,
        log,
        newDecisionId: () => decisionIdOf(String(++decisions), keyOf),
        isFirst,
        config: CONFIG,
        segments: SEGMENTS,
        stage: {
          consentRegime: options.consentRegime ?? 'opt-out',
          decisionDeadlineMs: options.decisionDeadlineMs ?? 500,
        },
      }),
    profile: (subject: string | undefined, headers: Headers = AS_SERVER): Promise<HttpReply> =>
      readProfile(requestOf(`/v1/profiles/${subject}`, { subject }, '', headers), {
        ...keys,
        store,
        segments: SEGMENTS,
        clock,
      }),
    erase: (subject: string, headers: Headers = AS_SERVER): Promise<HttpReply> =>
      eraseProfile(
        { ...requestOf(`/v1/profiles/${subject}`, { subject }, '', headers), method: 'DELETE' },
        { ...keys, store, suppressions, clock, log },
      ),
  };
}

/** Lets the store fail at the writes that a test picks; `lost`: applied, but the answer is lost. */
export function failWrites(
  { store }: MemoryStage,
  when: (item: StoredItem, call: number) => 'before' | 'lost' | 'refused' | false,
): void {
  const { write } = store;
  let calls = 0;
  store.write = async (item) => {
    const failure = when(item, ++calls);
    if (failure === 'refused') return 'refused';
    if (failure === 'before') throw new StoreUnavailable('told to fail');
    const outcome = await write(item);
    if (failure === 'lost') throw new StoreUnavailable('told to lose its answer');
    return outcome;
  };
}

export function itemOf(
  { store }: MemoryStage,
  subject: string,
  name: StoredItem['item'] = 'checkout',
): StoredItem | undefined {
  return store.items().find(({ key, item }) => key === keyOf(subject) && item === name);
}

/** How often a user used each payment method, as the API tells it. */
export async function usesOf(stage: MemoryStage, userId: string): Promise<Record<string, number>> {
  const { body } = await stage.profile(`u:${userId}`);
  const { payment } = (body as { checkout: { payment: Record<string, { uses: number }> } }).checkout;
  return Object.fromEntries(Object.entries(payment).map(([method, { uses }]) => [method, uses]));
}

/** The event that Lambda makes of records of one shard. @param records `encoded`: in the place of their data in base64 */
export function kinesisEvent(
  records: readonly (SentRecord & { readonly encoded?: string | undefined })[],
  stream: string,
  shardId = 'shardId-000000000000',
): KinesisStreamEvent {
  return {
    Records: records.map(({ sequence, partitionKey, data, encoded, arrivedAt = NOW }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber: sequence,
        data: encoded ?? Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrivedAt / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequence}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/test',
      awsRegion: 'eu-west-1',
      eventSourceARN: `arn:aws:kinesis:eu-west-1:123456789012:stream/${stream}`,
    })),
  };
}
