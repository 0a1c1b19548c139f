import { type AlarmRule, type AlarmState, evaluateAlarm, EXTRA_PERIODS } from './alarm.ts';
import type { MetricStore } from './metric-store.ts';

const EVALUATE_EVERY_MS = 10_000;

export interface AlarmStatus {
  readonly name: string;
  readonly state: AlarmState;
  /** When the state was entered, ms since the epoch. */
  readonly since: number;
}

export interface AlarmWatch {
  status(): readonly AlarmStatus[];
  end(): void;
}

/** Evaluates the alarms from time to time; one line for each that is raised or over. */
export function watchAlarms(
  rules: readonly AlarmRule[],
  metrics: MetricStore,
  say: (line: string) => void,
): AlarmWatch {
  const states = new Map<AlarmRule, { state: AlarmState; since: number }>(
    rules.map((rule) => [rule, { state: 'INSUFFICIENT_DATA', since: Date.now() }]),
  );
  const evaluate = (): void => {
    const now = Date.now();
    for (const [rule, { state }] of states) {
      const next = evaluateAlarm(rule, datapointsOf(rule, metrics, now), state);
      if (next === state) continue;
      states.set(rule, { state: next, since: now });
      if (next === 'ALARM' || state === 'ALARM') say(`alarm ${rule.alarm}: ${state} → ${next}`);
    }
  };
  const timer = setInterval(evaluate, EVALUATE_EVERY_MS).unref();
  return {
    status() {
      evaluate();
      return [...states].map(([{ alarm }, { state, since }]) => ({ name: alarm, state, since }));
    },
    end: () => clearInterval(timer),
  };
}

function datapointsOf(rule: AlarmRule, metrics: MetricStore, now: number): readonly (number | undefined)[] {
  const periodMs = rule.periodSeconds * 1000;
  const periods = rule.evaluationPeriods + EXTRA_PERIODS;
  // Periods slide by the minute.
  const end = now - (now % 60_000);
  return Array.from({ length: periods }, (_, at) => {
    const from = end - (periods - at) * periodMs;
    return metrics.statistic(rule, from, from + periodMs);
  });
}

/** How long metrics must be kept for these alarms, ms. */
export function retentionFor(rules: readonly AlarmRule[]): number {
  const spans = rules.map(
    ({ periodSeconds, evaluationPeriods }) => periodSeconds * (evaluationPeriods + EXTRA_PERIODS + 1),
  );
  return Math.max(3600, ...spans) * 1000;
}
