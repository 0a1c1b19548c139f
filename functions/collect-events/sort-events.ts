import { messageKeys, streamEventOf } from '../../shared/domain/accept.ts';
import type { Lane, SourceKind } from '../../shared/domain/stream-event.ts';
import type { LogEntry } from '../../shared/ports/event-log.ts';
import type { SubjectKeys, TokenVerifier } from '../../shared/ports/identity.ts';
import type { KeptArrival, QuarantineEntry } from '../../shared/ports/quarantine.ts';
import type { IngestionRequest } from '../../shared/protocol/ingestion.ts';
import { parseMessage, tokenOf, type TimedMessage } from '../../shared/protocol/message.ts';
import type { Parsed, Rejection } from '../../shared/protocol/rejection.ts';
import { traceIdIn } from '../../shared/protocol/trace-context.ts';

/** An event that was turned down: what the client is told, and what quarantine keeps. */
export interface RejectedEvent {
  readonly index: number;
  readonly rejection: Rejection;
  readonly entry: (requestId: string, receivedAt: number, body: Uint8Array) => QuarantineEntry;
}

export interface SortedEvents {
  readonly lanes: Readonly<Record<Lane, readonly LogEntry[]>>;
  readonly rejected: readonly RejectedEvent[];
  /**
   * A token that vouches for an event cannot be judged now. Taken all the same, the event would be nobody's proof for
   * ever: none of them may be acknowledged.
   */
  readonly isUnjudged: boolean;
  /** By correlation id. */
  readonly traces: ReadonlyMap<string, Readonly<EventCounts>>;
}

/** How the request came in that brings the events. */
export interface RequestArrival {
  readonly source: SourceKind;
  /** ms */
  readonly receivedAt: number;
  /** For events that bring no trace-id of their own. */
  readonly correlationId: string;
}

/** What has become of a request's events under one correlation id. */
interface EventCounts {
  accepted: number;
  rejected: number;
}

/** Different tokens checked in one request; a client has one, and checking costs. */
const MAX_TOKENS = 8;

/** Parses a request's events and sorts them: into the two lanes, each under its subject's key, or out. */
export async function sortEvents(
  request: IngestionRequest,
  arrival: RequestArrival,
  dependencies: { readonly subjectKeys: SubjectKeys; readonly tokens: TokenVerifier },
): Promise<SortedEvents> {
  const parsed = request.events.map((event) => parseMessage(event));
  const { provenUsers, isUnjudged } = await verifyTokens(request, parsed, arrival, dependencies.tokens);

  const lanes: Record<Lane, LogEntry[]> = { critical: [], bulk: [] };
  const traces = new Map<string, EventCounts>();
  const countUnder = (correlationId: string, verdict: keyof EventCounts): void => {
    const counts = traces.get(correlationId) ?? { accepted: 0, rejected: 0 };
    counts[verdict] += 1;
    traces.set(correlationId, counts);
  };
  const rejected: RejectedEvent[] = [];
  const tooDeep = parsed.flatMap((result, index) =>
    !result.ok && result.rejection.code === 'too_deep' ? [index] : [],
  );
  for (const [index, result] of parsed.entries()) {
    if (!result.ok) {
      const event = request.events[index];
      const provenUserId = provenUsers.get(rejectedToken(result.rejection, event, request) ?? '');
      // Events that are kept as one body have one id.
      const ownTraceId = result.rejection.code === 'too_deep' ? undefined : traceIdIn(event);
      const correlationId = ownTraceId ?? arrival.correlationId;
      countUnder(correlationId, 'rejected');
      rejected.push(
        rejectedEvent(index, result.rejection, event, correlationId, {
          source: arrival.source,
          ...(provenUserId !== undefined && { provenUserId }),
          ...(request.sentAt !== undefined && { sentAt: request.sentAt }),
          ...(result.rejection.code === 'too_deep' && { indexes: tooDeep }),
        }),
      );
      continue;
    }
    const { message, timestamp, sentAt = request.sentAt, traceId = arrival.correlationId } = result.value;
    const provenUserId = provenUsers.get(result.value.token ?? request.token ?? '');
    const { lane, event } = streamEventOf(
      message,
      { ...arrival, timestamp, sentAt, provenUserId, correlationId: traceId },
      messageKeys(message, dependencies.subjectKeys.keyOf),
    );
    countUnder(traceId, 'accepted');
    lanes[lane].push({ partitionKey: event.subject.key, data: JSON.stringify(event) });
  }
  return { lanes, rejected, isUnjudged, traces };
}

/** Whom each token that came along proves. A server source needs none; a bad token proves nobody and breaks nothing. */
async function verifyTokens(
  request: IngestionRequest,
  parsed: readonly Parsed<TimedMessage>[],
  arrival: { readonly source: SourceKind; readonly receivedAt: number },
  tokens: TokenVerifier,
): Promise<{ readonly provenUsers: ReadonlyMap<string, string>; readonly isUnjudged: boolean }> {
  if (arrival.source === 'server') return { provenUsers: new Map(), isUnjudged: false };
  const named = parsed.flatMap((result) =>
    result.ok && result.value.message.userId !== undefined ? [result.value.token] : [],
  );
  // What is turned down may be taken later, when its token is long expired. Those that are taken come first.
  const rejected = parsed.flatMap((result, index) =>
    result.ok ? [] : [rejectedToken(result.rejection, request.events[index], request)],
  );
  const distinct = new Set(
    [...named, ...rejected].map((token) => token ?? request.token).filter((token) => token !== undefined),
  );
  const verdicts = await Promise.all(
    [...distinct]
      .slice(0, MAX_TOKENS)
      .map(async (token) => [token, await tokens.verify(token, arrival.receivedAt)] as const),
  );
  return {
    provenUsers: new Map(
      verdicts.flatMap(([token, verdict]) => (verdict.ok ? [[token, verdict.userId] as const] : [])),
    ),
    isUnjudged: verdicts.some(([, verdict]) => !verdict.ok && verdict.reason === 'unavailable'),
  };
}

/** The token that vouches for an event that was turned down; those kept as one body have none of their own. */
function rejectedToken(rejection: Rejection, event: unknown, request: IngestionRequest): string | undefined {
  return (rejection.code === 'too_deep' ? undefined : tokenOf(event)) ?? request.token;
}

function rejectedEvent(
  index: number,
  rejection: Rejection,
  event: unknown,
  correlationId: string,
  arrival: KeptArrival,
): RejectedEvent {
  return {
    index,
    rejection,
    entry: (requestId, receivedAt, body) => ({
      // What nests too deep cannot be written out again: the whole body is kept in its place.
      id: `collect-events/${requestId}/${rejection.code === 'too_deep' ? 'body' : index}`,
      group: `collect-events/${requestId}`,
      code: rejection.code,
      reason: rejection.message,
      ...(rejection.path !== undefined && { path: rejection.path }),
      functionName: 'collect-events',
      correlationId,
      arrivedAt: receivedAt,
      quarantinedAt: receivedAt,
      arrival,
      bytes: Buffer.from(rejection.code === 'too_deep' ? body : JSON.stringify(event)).toString('base64'),
    }),
  };
}
