import { type AlarmRule, type AlarmState, evaluateAlarm, EXTRA_PERIODS } from './alarm.ts';
import type { CompositeRule } from './composite-alarm.ts';
import { valueOf } from './metric-lines.ts';
import type { MetricStore } from './metric-store.ts';
import type { RunClock } from './run-clock.ts';

const EVALUATE_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
/** Changes of state that are remembered of each alarm. */
const MAX_HISTORY = 50;

export interface AlarmChange {
  readonly state: AlarmState;
  /** ms since the epoch. */
  readonly at: number;
}

export interface AlarmStatus {
  /** Logical id. */
  readonly name: string;
  readonly physicalName: string;
  readonly description: string;
  readonly kind: 'metric' | 'composite';
  readonly state: AlarmState;
  /** When the state was entered, ms since the epoch. */
  readonly since: number;
  /** What was compared last; absent: nothing was there, or it is a composite alarm. */
  readonly value?: number;
  /** Oldest first. */
  readonly history: readonly AlarmChange[];
}

export interface AlarmWatch {
  /** Evaluates, and says how all is; metric alarms first. */
  status(): readonly AlarmStatus[];
  end(): void;
}

export interface WatchedAlarms {
  readonly alarms: readonly AlarmRule[];
  readonly compositeAlarms: readonly CompositeRule[];
}

interface Watched {
  state: AlarmState;
  since: number;
  value?: number;
  readonly history: AlarmChange[];
}

/** Evaluates the alarms each minute of the run's clock; one line for each that is raised or over. */
export function watchAlarms(
  { alarms, compositeAlarms }: WatchedAlarms,
  metrics: MetricStore,
  clock: RunClock,
  say: (line: string) => void,
): AlarmWatch {
  const startedAt = clock.now();
  const watched = new Map<string, Watched>(
    [...alarms, ...compositeAlarms].map(({ name }) => [
      name,
      { state: 'INSUFFICIENT_DATA', since: startedAt, history: [] },
    ]),
  );
  let evaluatedAt = startedAt;

  const enter = (
    { alarm, name }: AlarmRule | CompositeRule,
    state: AlarmState,
    at: number,
    word: string,
  ): void => {
    const one = watched.get(name);
    if (!one || one.state === state) return;
    if (state === 'ALARM' || one.state === 'ALARM') say(`${word} ${alarm}: ${one.state} → ${state}`);
    one.state = state;
    one.since = at;
    one.history.push({ state, at });
    if (one.history.length > MAX_HISTORY) one.history.shift();
  };
  const evaluate = (at: number): void => {
    for (const rule of alarms) {
      const one = watched.get(rule.name);
      const points = datapointsOf(rule, metrics, at);
      if (one) one.value = points.at(-1);
      enter(rule, evaluateAlarm(rule, points, one?.state ?? 'INSUFFICIENT_DATA'), at, 'alarm');
    }
    for (const rule of compositeAlarms) {
      const isRaised = rule.isRaised((name) => watched.get(name)?.state);
      enter(rule, isRaised ? 'ALARM' : 'OK', at, rule.pages ? 'page' : 'alarm');
    }
  };
  /** A clock that was moved passes no minute over. */
  const catchUp = (): void => {
    const now = clock.now();
    for (let at = fullMinute(evaluatedAt) + MINUTE_MS; at < now; at += MINUTE_MS) evaluate(at);
    evaluate(now);
    evaluatedAt = now;
  };
  const timer = setInterval(catchUp, EVALUATE_EVERY_MS).unref();

  return {
    status() {
      catchUp();
      const statusOf = (
        { alarm, name, description }: AlarmRule | CompositeRule,
        kind: AlarmStatus['kind'],
      ): readonly AlarmStatus[] => {
        const one = watched.get(name);
        return one ? [{ name: alarm, physicalName: name, description, kind, ...one }] : [];
      };
      return [
        ...alarms.flatMap((rule) => statusOf(rule, 'metric')),
        ...compositeAlarms.flatMap((rule) => statusOf(rule, 'composite')),
      ];
    },
    end: () => clearInterval(timer),
  };
}

/** Periods slide by the minute; the one under way is not looked at. */
function datapointsOf(rule: AlarmRule, metrics: MetricStore, at: number): readonly (number | undefined)[] {
  const periodMs = rule.periodSeconds * 1000;
  const periods = rule.evaluationPeriods + EXTRA_PERIODS;
  return Array.from({ length: periods }, (_, index) => {
    const from = fullMinute(at) - (periods - index) * periodMs;
    return valueOf(rule.watched, rule.lines, metrics, from, from + periodMs);
  });
}

function fullMinute(at: number): number {
  return at - (at % MINUTE_MS);
}

/** How long metrics must be kept for these alarms, ms. */
export function retentionFor(rules: readonly AlarmRule[]): number {
  const spans = rules.map(
    ({ periodSeconds, evaluationPeriods }) => periodSeconds * (evaluationPeriods + EXTRA_PERIODS + 1),
  );
  return Math.max(3600, ...spans) * 1000;
}
