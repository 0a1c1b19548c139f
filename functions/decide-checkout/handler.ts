import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import { logUnder } from '../../shared/adapters/telemetry/log-under.ts';
import {
  decide,
  LADDERS,
  type Decision,
  type DecisionConfig,
  type Ladder,
} from '../../shared/domain/decide.ts';
import { placesOf } from '../../shared/domain/place.ts';
import type { Segments } from '../../shared/domain/segments/compile-segments.ts';
import type { StageSettings } from '../../shared/domain/store-config.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { SourceKeys, SubjectKeys, TokenVerifier } from '../../shared/ports/identity.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Log, Meter, MetricName } from '../../shared/ports/telemetry.ts';
import type { Timer } from '../../shared/ports/timer.ts';
import { parseBody } from '../../shared/protocol/body.ts';
import { parseDecisionRequest, type DecisionRequest } from '../../shared/protocol/decision-request.ts';
import { traceIdOf } from '../../shared/protocol/trace-context.ts';
import { decisionTime } from './decision-time.ts';
import { identifyCaller, type Caller } from './identify-caller.ts';
import { pendingEventsOf } from './pending-events.ts';
import { readProfile } from './read-profile.ts';
import type { KnownRegions } from './known-regions.ts';
import type { StoreBreaker } from './store-breaker.ts';
import { traceDecision } from './trace-decision.ts';

export interface DecideDependencies {
  readonly store: Pick<ProfileStore, 'query'>;
  readonly breaker: StoreBreaker;
  readonly regions: KnownRegions;
  readonly sourceKeys: SourceKeys;
  readonly subjectKeys: SubjectKeys;
  readonly tokens: TokenVerifier;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly meter: Meter;
  readonly log: Log;
  /** Chance comes in: a fresh name for each decision. */
  readonly newDecisionId: () => string;
  /** True once, for the first decision of this running function, which pays for what later ones find warm. */
  readonly isFirst: () => boolean;
  readonly config: DecisionConfig;
  readonly segments: Segments;
  readonly stage: Pick<StageSettings, 'consentRegime' | 'decisionDeadlineMs'>;
}

/** `POST /v1/decisions`: a valid request is answered within the deadline, whatever the store does (invariant 8). */
export async function decideCheckout(
  request: HttpRequest,
  dependencies: DecideDependencies,
): Promise<HttpReply> {
  const { clock, config, stage } = dependencies;
  const time = decisionTime(dependencies.timer, stage.decisionDeadlineMs);
  const enteredAt = clock.now();
  const body = parseBody(request.body);
  if (!body.ok) return errorReply(body.rejection.code === 'body_too_large' ? 413 : 400, body.rejection);
  const parsed = parseDecisionRequest(body.value);
  if (!parsed.ok) return errorReply(400, parsed.rejection);
  const { authorization } = request.headers;
  const caller = await identifyCaller(authorization, parsed.value, enteredAt, time, dependencies);
  if (caller === null)
    return errorReply(401, { code: 'unknown_key', message: 'the source key is missing or unknown' });
  const reserved = secretOnlyField(parsed.value, caller);
  if (reserved !== null)
    return errorReply(403, { code: 'secret_key_only', message: 'needs the secret key', path: reserved });

  const pending = pendingEventsOf(parsed.value.events, caller, enteredAt, dependencies.subjectKeys);
  const { checkout, context, slots, at, explain } = parsed.value;
  const ownTraceId = traceIdOf(context.traceparent);
  const correlationId = ownTraceId ?? request.correlationId;
  const log = logUnder(dependencies.log, { correlation_id: correlationId, requestId: request.requestId });
  const places = placesOf(context);
  const [read] = await Promise.all([
    readProfile(caller, pending, time, { ...dependencies, log }),
    dependencies.regions.ready(Object.values(places), time),
  ]);
  const decision = decide(
    {
      level: caller.level,
      ...read,
      payment: checkout.payment,
      shipping: checkout.shipping,
      lines: checkout.lines,
      checkoutId: checkout.id,
      currency: context.currency,
      locale: context.locale,
      slots,
      segments: dependencies.segments,
      country: context.country,
      surroundings: dependencies.regions.around(places),
      consent: {
        globalPrivacyControl: request.headers['sec-gpc'] === '1',
        stated: statedConsent(context.consent),
      },
      consentRegime: stage.consentRegime ?? 'opt-in',
      now: at ?? enteredAt,
      explain,
    },
    config,
  );
  count(decision, caller, time.spentMs(), dependencies);
  const decisionId = dependencies.newDecisionId();
  traceDecision(correlationId, { decisionId, decision, caller, events: parsed.value.events }, log);
  const { version, report, ...content } = decision;
  const [fault] = report.faults;
  if (fault !== undefined) {
    const parts = report.faults.map(({ part }) => part).join(', ');
    log.error('a part of a decision failed and stands at its default', { parts }, fault.error);
  }
  return {
    status: 200,
    ...(ownTraceId !== undefined && { correlationId: ownTraceId }),
    body: {
      decisionId,
      version,
      tokenRejected: caller.tokenRejected,
      ...content,
      ...(parsed.value.since === version && { slots: {} }),
    },
  };
}

/** Setting the time and seeing why are for servers: they would tell the public more than an order. */
function secretOnlyField(request: DecisionRequest, caller: Caller): string | null {
  if (caller.source === 'server') return null;
  if (request.at !== undefined) return 'at';
  return request.explain ? 'explain' : null;
}

/** The purpose `personalization`, plain or in the shape of Segment's `categoryPreferences`. Anything but a yes is a no. */
function statedConsent(consent: Readonly<Record<string, unknown>> | undefined): boolean | undefined {
  const preferences = consent?.categoryPreferences;
  const said = [consent, typeof preferences === 'object' ? preferences : null]
    .map((choices) => (choices as Readonly<Record<string, unknown>> | null | undefined)?.personalization)
    .filter((choice) => choice !== undefined && choice !== null);
  return said.length === 0 ? undefined : said.every((choice) => choice === true);
}

const RUNG_METRICS = {
  personalized: 'PersonalizedDecisions',
  partial: 'PartialDecisions',
  regional: 'RegionalDecisions',
  default: 'DefaultDecisions',
} as const satisfies Readonly<Record<Ladder, MetricName>>;

function count(
  decision: Decision,
  caller: Caller,
  latencyMs: number,
  { meter, isFirst }: Pick<DecideDependencies, 'meter' | 'isFirst'>,
): void {
  for (const ladder of LADDERS) meter.record(RUNG_METRICS[ladder], decision.source === ladder ? 1 : 0, {});
  meter.record(isFirst() ? 'FirstDecisionLatency' : 'DecisionLatency', latencyMs, {});
  const { fallbackReason: reason, isConsentWithheld } = decision.report;
  if (caller.level !== 'none') {
    meter.record('Fallback', reason ? 1 : 0, {});
    meter.record('ConsentWithheld', isConsentWithheld ? 1 : 0, {});
  }
  if (reason) meter.record('FallbackReason', 1, { Reason: reason });
  meter.flush();
}
