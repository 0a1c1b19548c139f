import type { AuditReport } from '../../shared/protocol/audit.ts';
import { printable } from './entry-text.ts';

const NAMED = 20;

/** Several parts of one audit as one. */
export function sumOfReports(
  reports: readonly AuditReport[],
): Omit<AuditReport, 'position' | 'isComplete' | 'until'> {
  const sum = (count: (report: AuditReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const mismatches = new Map(
    reports.flatMap((report) => report.mismatches.map((one) => [`${one.key}/${one.facet}`, one])),
  );
  return {
    records: sum(({ records }) => records),
    applied: sum(({ applied }) => applied),
    deduplicated: sum(({ deduplicated }) => deduplicated),
    suppressed: sum(({ suppressed }) => suppressed),
    quarantined: sum(({ quarantined }) => quarantined),
    pending: sum(({ pending }) => pending),
    gap: sum(({ gap }) => gap),
    gaps: reports.flatMap(({ gaps }) => gaps),
    profiles: { whole: sum(({ profiles }) => profiles.whole), part: sum(({ profiles }) => profiles.part) },
    mismatches: [...mismatches.values()],
  };
}

/** A table of what an audit found, then a line for each record and facet that it names. */
export function auditText(report: ReturnType<typeof sumOfReports>): readonly string[] {
  const { gaps, profiles, mismatches } = report;
  const rows: readonly (readonly [string, number, string?])[] = [
    ['records', report.records],
    ['applied', report.applied],
    ['deduplicated', report.deduplicated],
    ['quarantined', report.quarantined],
    ['suppressed', report.suppressed],
    ['pending', report.pending],
    ['gap', report.gap],
    ['profiles compared', profiles.whole + profiles.part, `${profiles.part} of them in their money alone`],
    ['mismatches', mismatches.length],
  ];
  const named = gaps
    .slice(0, NAMED)
    .map(({ id, key, facets, finding, arrivedAt }) =>
      ['gap', finding, id, key || '-', facets.join(' ') || '-', new Date(arrivedAt).toISOString()].join('  '),
    );
  const differing = mismatches.map(({ key, facet, scope, stored, expected }) =>
    ['mismatch', scope, key, facet, `stored ${stored}`, `expected ${expected}`].join('  '),
  );
  return [
    ...rows.map(
      ([name, count, remark]) =>
        `${name.padEnd(18)}${String(count).padStart(9)}${remark === undefined ? '' : `  ${remark}`}`,
    ),
    ...named,
    ...(report.gap > named.length ? [`… and ${report.gap - named.length} more`] : []),
    ...differing,
  ].map(printable);
}
