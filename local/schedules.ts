import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SchedulePlan } from './schedule-plan.ts';
import { ACCOUNT_ID } from './stacks.ts';

const END_WITHIN_MS = 5_000;

export interface Schedules {
  /** No more is begun; what is under way is waited for, up to five seconds. */
  end(): Promise<void>;
}

/**
 * Invokes functions on their schedules as EventBridge does: for the first time after one period, and whether or not the
 * call before has come back. A call that fails is left to the next one.
 */
export function startSchedules(
  plans: readonly SchedulePlan[],
  region: string,
  invoke: (functionName: string, event: object) => Promise<unknown>,
): Schedules {
  const running = new Set<Promise<unknown>>();
  const timers = plans.map((plan) =>
    setInterval(() => {
      const call: Promise<unknown> = invoke(plan.functionName, plan.input ?? scheduledEvent(plan, region))
        .catch(() => undefined)
        .finally(() => running.delete(call));
      running.add(call);
    }, plan.everyMs).unref(),
  );
  return {
    async end() {
      for (const timer of timers) clearInterval(timer);
      await Promise.race([Promise.all(running), sleep(END_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule-legacy.html */
function scheduledEvent({ ruleName }: SchedulePlan, region: string): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT_ID,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [`arn:aws:events:${region}:${ACCOUNT_ID}:rule/${ruleName}`],
    detail: {},
  };
}
