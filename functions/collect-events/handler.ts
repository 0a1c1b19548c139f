import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import { logUnder } from '../../shared/adapters/telemetry/log-under.ts';
import type { SourceKind } from '../../shared/domain/stream-event.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { LogUnavailable, type EventLog } from '../../shared/ports/event-log.ts';
import type { SourceKeys, SubjectKeys, TokenVerifier } from '../../shared/ports/identity.ts';
import { QuarantineUnavailable, type Quarantine } from '../../shared/ports/quarantine.ts';
import type { Log, Meter } from '../../shared/ports/telemetry.ts';
import { parseBody } from '../../shared/protocol/body.ts';
import { credentialsOf } from '../../shared/protocol/credentials.ts';
import { callOf, parseIngestion, type IngestionRequest } from '../../shared/protocol/ingestion.ts';
import { traceIdIn } from '../../shared/protocol/trace-context.ts';
import { answerSettings } from './answer-settings.ts';
import { sortEvents, type RequestArrival, type SortedEvents } from './sort-events.ts';

export interface CollectDependencies {
  readonly eventLog: EventLog;
  readonly quarantine: Quarantine;
  readonly sourceKeys: SourceKeys;
  readonly subjectKeys: SubjectKeys;
  readonly tokens: TokenVerifier;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

/** Seconds after which a client should try again when a stream or the quarantine is out of reach. */
const RETRY_AFTER = { 'retry-after': '1' } as const;
/** Seconds until the keys of identity tokens are fetched again. */
const RETRY_AFTER_KEYS = { 'retry-after': '5' } as const;

/**
 * `POST /v1/{call}`: Segment's HTTP Tracking API. 200 means that every event not listed in `rejected` is in a
 * stream (invariant 1) and every listed one in quarantine; anything less is a 503 and the client sends again, also where
 * it is not known for now whether a token vouches for its events.
 * What clients GET before they send is answered too.
 */
export async function collectEvents(
  request: HttpRequest,
  dependencies: CollectDependencies,
): Promise<HttpReply> {
  if (request.method === 'GET') return answerSettings(request, dependencies.sourceKeys);
  const receivedAt = dependencies.clock.now();
  const call = callOf(request.parameters.call);
  if (call === undefined) return errorReply(404, { code: 'not_found', message: 'there is nothing here' });

  const body = parseBody(request.body);
  if (!body.ok) return errorReply(body.rejection.code === 'body_too_large' ? 413 : 400, body.rejection);
  const ingestion = parseIngestion(call, body.value);
  if (!ingestion.ok) return errorReply(400, ingestion.rejection);

  const source = sourceOf(request, ingestion.value, dependencies.sourceKeys);
  if (source === null)
    return errorReply(401, { code: 'unknown_key', message: 'the source key is missing or unknown' });
  // A batch's events may come of several traces; a single event's is its request's.
  const ownTraceId = ingestion.value.isBatch ? undefined : traceIdIn(ingestion.value.events[0]);
  const arrival = { source, receivedAt, correlationId: ownTraceId ?? request.correlationId };
  const reply = await takeEvents(request, ingestion.value, arrival, dependencies);
  return { ...reply, ...(ownTraceId !== undefined && { correlationId: ownTraceId }) };
}

async function takeEvents(
  request: HttpRequest,
  ingestion: IngestionRequest,
  arrival: RequestArrival,
  dependencies: CollectDependencies,
): Promise<HttpReply> {
  const { receivedAt, correlationId } = arrival;
  const { lanes, rejected, isUnjudged, traces } = await sortEvents(ingestion, arrival, dependencies);
  const log = logUnder(dependencies.log, { requestId: request.requestId });
  if (isUnjudged) {
    log.error('nothing acknowledged', { correlation_id: correlationId, code: 'token_unjudged' });
    return errorReply(
      503,
      { code: 'unavailable', message: 'the identity token cannot be checked now: send the events again' },
      RETRY_AFTER_KEYS,
    );
  }
  const [first] = rejected;
  if (!ingestion.isBatch && first) {
    return errorReply(first.rejection.code === 'event_too_large' ? 413 : 400, first.rejection);
  }
  try {
    await Promise.all([
      dependencies.eventLog.append('critical', lanes.critical),
      dependencies.eventLog.append('bulk', lanes.bulk),
      dependencies.quarantine.keep(
        rejected.map(({ entry }) => entry(request.requestId, receivedAt, request.body)),
      ),
    ]);
  } catch (error) {
    if (!(error instanceof LogUnavailable || error instanceof QuarantineUnavailable)) throw error;
    log.error('nothing acknowledged', { correlation_id: correlationId, code: error.code }, error);
    return errorReply(
      503,
      { code: 'unavailable', message: 'the events are not safe yet: send them again' },
      RETRY_AFTER,
    );
  }

  for (const [traced, counts] of traces) log.trace(traced, 'collected', { ...counts });
  count(lanes, rejected.length, dependencies.meter);
  return {
    status: 200,
    body: {
      success: true,
      ...(rejected.length > 0 && {
        rejected: rejected.map(({ index, rejection }) => ({ index, ...rejection })),
      }),
    },
  };
}

function count(lanes: SortedEvents['lanes'], rejected: number, meter: Meter): void {
  for (const lane of ['critical', 'bulk'] as const) {
    if (lanes[lane].length > 0) meter.record('EventsAccepted', lanes[lane].length, { Lane: lane });
  }
  if (rejected > 0) meter.record('EventsRejected', rejected, {});
  meter.flush();
}

function sourceOf(request: HttpRequest, ingestion: IngestionRequest, keys: SourceKeys): SourceKind | null {
  const { key } = credentialsOf(request.headers.authorization, ingestion.writeKey);
  return key === undefined ? null : keys.sourceOf(key);
}
