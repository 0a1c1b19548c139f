import type { Decision } from '../../shared/domain/decide.ts';
import type { Log } from '../../shared/ports/telemetry.ts';
import type { TimedMessage } from '../../shared/protocol/message.ts';
import type { Caller } from './identify-caller.ts';

/** What of a decision joins it to the events behind it. */
export interface TracedDecision {
  readonly decisionId: string;
  readonly decision: Decision;
  readonly caller: Caller;
  /** That came along and were folded into this answer. */
  readonly events: readonly TimedMessage[];
}

/**
 * Says what was decided, under the request's own id and under those of the events that came along. An event that came
 * before is joined by its `subject`: the decision read it if `asOf` is not before its `receivedAt`.
 */
export function traceDecision(
  correlationId: string,
  { decisionId, decision, caller, events }: TracedDecision,
  log: Log,
): void {
  const { userKey, deviceKey, level } = caller;
  const subject = userKey ?? deviceKey;
  const ids = new Set([correlationId, ...events.flatMap(({ traceId }) => traceId ?? [])]);
  for (const id of ids) {
    log.trace(id, 'decided', {
      decisionId,
      level,
      source: decision.source,
      degraded: decision.degraded,
      ...(subject !== undefined && { subject }),
      ...(userKey !== undefined && deviceKey !== undefined && { device: deviceKey }),
      ...(decision.asOf !== null && { asOf: decision.asOf }),
      ...(decision.lagMs !== null && { lagMs: decision.lagMs }),
      pendingEvents: events.length,
    });
  }
}
