import type { FoldRecord, SubjectFold, Verdict } from '../../shared/domain/fold.ts';
import type { Log } from '../../shared/ports/telemetry.ts';

/** What a subject's fold did under one correlation id. */
interface Trace {
  readonly counts: Partial<Record<Verdict, number>>;
  /** ms; the newest of them */
  receivedAt: number;
}

/** Says, once a fold is written, what has become of each trace's events: the step between the collector and a decision. */
export function traceSubject(
  subject: { readonly key: string; readonly records: readonly FoldRecord[] },
  fold: Pick<SubjectFold, 'verdicts'>,
  writtenAt: number,
  log: Log,
): void {
  const traces = new Map<string, Trace>();
  for (const { event, sequence } of subject.records) {
    const { correlationId, receivedAt } = event;
    const verdict = fold.verdicts.get(sequence);
    if (correlationId === undefined || verdict === undefined) continue;
    const trace = traces.get(correlationId) ?? { counts: {}, receivedAt: 0 };
    trace.counts[verdict] = (trace.counts[verdict] ?? 0) + 1;
    trace.receivedAt = Math.max(trace.receivedAt, receivedAt);
    traces.set(correlationId, trace);
  }
  for (const [correlationId, { receivedAt, counts }] of traces) {
    log.trace(correlationId, 'folded', {
      subject: subject.key,
      ...counts,
      receivedAt: new Date(receivedAt).toISOString(),
      lagMs: Math.max(0, writtenAt - receivedAt),
    });
  }
}
