import * as v from 'valibot';
import { FALLBACK_REASONS } from '../../shared/domain/decide.ts';
import { MESSAGE_REASONS } from '../../shared/domain/slots/messages-slot.ts';
import { OFFER_REASONS } from '../../shared/domain/slots/offers-slot.ts';
import type { Invoke } from '../http-api.ts';
import { fromPayload } from '../http-payload.ts';
import type { InvocationResult } from '../lambda-protocol.ts';
import type { RunClock } from '../run-clock.ts';

/** Newer ones push older ones out. */
const MAX_DECISIONS = 50;
const ROUTE = 'POST /v1/decisions';

const slotEntries = {
  source: v.string(),
  fallbackReason: v.nullable(v.picklist(FALLBACK_REASONS)),
  guardrails: v.array(v.string()),
};
const orderedSchema = v.object({
  ...slotEntries,
  options: v.array(
    v.object({ id: v.string(), rank: v.number(), preselected: v.boolean(), reasons: v.array(v.string()) }),
  ),
});
/** Which and why; of what they say, nothing. */
const offersSchema = v.object({
  ...slotEntries,
  items: v.array(v.object({ id: v.string(), reasons: v.array(v.picklist(OFFER_REASONS)) })),
});
const messagesSchema = v.object({
  ...slotEntries,
  items: v.array(v.object({ id: v.string(), reasons: v.array(v.picklist(MESSAGE_REASONS)) })),
});
/** What is known, by name. */
const prefillSchema = v.object({
  ...slotEntries,
  fields: v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((fields) => Object.keys(fields)),
  ),
});

/** What is kept of an answer: how it was decided, by name, so that nothing else of what it says or will say stays here. */
const answerSchema = v.object({
  decisionId: v.string(),
  version: v.string(),
  tokenRejected: v.nullable(v.string()),
  asOf: v.nullable(v.string()),
  lagMs: v.nullable(v.number()),
  source: v.string(),
  degraded: v.boolean(),
  profile: v.object({
    level: v.string(),
    segments: v.array(v.string()),
    journeyStage: v.nullable(v.string()),
  }),
  slots: v.object({
    payment: v.optional(orderedSchema),
    shipping: v.optional(orderedSchema),
    prefill: v.optional(prefillSchema),
    offers: v.optional(offersSchema),
    messages: v.optional(messagesSchema),
  }),
});
const errorSchema = v.object({ error: v.object({ code: v.string() }) });

export type DecisionAnswer = v.InferOutput<typeof answerSchema>;

export type LoggedDecision = {
  /** Counts up over the run. */
  readonly number: number;
  /** When it was answered, ms since the epoch by the run's clock. */
  readonly at: number;
  /** From the call of the function to its answer. */
  readonly latencyMs: number;
} & (
  | { readonly kind: 'answered'; readonly answer: DecisionAnswer }
  /** A request that was turned down (4xx), or a function that failed (5xx); the code of the error. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
);

export interface DecisionLog {
  /** Calls functions as before, and keeps the answers to checkouts. */
  readonly invoke: Invoke;
  /** Newest first. */
  latest(): readonly LoggedDecision[];
}

/** Keeps the last answers of `POST /v1/decisions` in memory; of the requests it keeps nothing. */
export function decisionLog(invoke: Invoke, clock: Pick<RunClock, 'now'>): DecisionLog {
  const kept: LoggedDecision[] = [];
  let answered = 0;
  return {
    async invoke(functionName, event) {
      if (!('routeKey' in event) || event.routeKey !== ROUTE) return invoke(functionName, event);
      const startedAt = performance.now();
      const result = await invoke(functionName, event);
      answered += 1;
      kept.unshift({
        number: answered,
        at: clock.now(),
        latencyMs: Math.round((performance.now() - startedAt) * 10) / 10,
        ...outcomeOf(result),
      });
      if (kept.length > MAX_DECISIONS) kept.pop();
      return result;
    },
    latest: () => [...kept],
  };
}

type Outcome<Decision> = Decision extends LoggedDecision
  ? Omit<Decision, 'number' | 'at' | 'latencyMs'>
  : never;

function outcomeOf(result: InvocationResult): Outcome<LoggedDecision> {
  const reply = result.ok ? fromPayload(result.payload) : undefined;
  if (!reply) return { kind: 'refused', status: 500, code: 'function_failed' };
  const body = jsonOf(reply.body);
  if (reply.status === 200) {
    const answer = v.safeParse(answerSchema, body);
    return answer.success
      ? { kind: 'answered', answer: answer.output }
      : { kind: 'refused', status: 200, code: 'answer_not_understood' };
  }
  const error = v.safeParse(errorSchema, body);
  return { kind: 'refused', status: reply.status, code: error.success ? error.output.error.code : 'unknown' };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
