import type { MetricStore } from '../metric-store.ts';
import { METRIC_NAMESPACE, type MetricName } from '../../shared/ports/telemetry.ts';

/** What somebody who looks once must see: how fresh profiles are, and whether anything is lost. */
export interface Glance {
  /** By lane, p99 over the last minutes, ms; a lane that wrote nothing then is not there. */
  readonly lagMs: Readonly<Record<string, number>>;
  /** Records that the last audits could not account for; absent: there was none. */
  readonly gap?: number;
}

const MINUTE_MS = 60_000;
const LAG_MINUTES = 5;
/** An audit speaks once an hour. */
const AUDIT_MINUTES = 120;

/** @param now ms since the epoch by the run's clock */
export function glance(metrics: MetricStore, now: number): Glance {
  const to = now - (now % MINUTE_MS) + MINUTE_MS;
  const seriesOf = (name: MetricName) =>
    metrics.summaries().filter((one) => one.namespace === METRIC_NAMESPACE && one.name === name);
  const [audited] = seriesOf('ReconciliationGap').map(({ dimensions }) =>
    metrics.statistic(
      { namespace: METRIC_NAMESPACE, name: 'ReconciliationGap', dimensions, statistic: 'Maximum' },
      to - AUDIT_MINUTES * MINUTE_MS,
      to,
    ),
  );
  const lags = seriesOf('SyncLag').flatMap(({ dimensions }) => {
    const lag = metrics.statistic(
      { namespace: METRIC_NAMESPACE, name: 'SyncLag', dimensions, statistic: 'p99' },
      to - LAG_MINUTES * MINUTE_MS,
      to,
    );
    return lag === undefined ? [] : [[dimensions.Lane ?? '', lag] as const];
  });
  return {
    lagMs: Object.fromEntries(lags.sort(([one], [other]) => (one > other ? -1 : 1))),
    ...(audited === undefined ? {} : { gap: audited }),
  };
}
