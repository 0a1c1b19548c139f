import {
  meanRank,
  reciprocalRank,
  wilsonInterval,
  type OutcomeRow,
} from '../../shared/domain/outcome-table.ts';
import { printable } from './entry-text.ts';

/** Places with a column of their own. */
const PLACES = ['1st', '2nd', '3rd'] as const;
const HEAD = [
  'shown',
  'open',
  'completed',
  'share of those whose time is over (95 %)',
  ...PLACES,
  'later',
  'other',
  'mean rank',
  'MRR',
  'preselected and chosen',
];
/** An order's options could fill any line. */
const MAX_LABEL = 72;

/** A table with one line a row, and what its columns mean. */
export function outcomesText(title: string, rows: readonly OutcomeRow[]): readonly string[] {
  const lines = [
    [title, ...HEAD],
    ...rows.map((row) => [printable(row.label).slice(0, MAX_LABEL), ...cellsOf(row)]),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function cellsOf(row: OutcomeRow): readonly string[] {
  const places = PLACES.map((_, index) => row.ranks.get(index + 1) ?? 0);
  const later = [...row.ranks].reduce(
    (sum, [rank, checkouts]) => (rank > PLACES.length ? sum + checkouts : sum),
    0,
  );
  return [
    count(row.shown),
    count(row.open),
    count(row.completed),
    shareText(row.settledCompleted, row.settled),
    ...[...places, later, row.elsewhere].map(count),
    meanRank(row)?.toFixed(2) ?? '–',
    reciprocalRank(row)?.toFixed(2) ?? '–',
    row.preselected === 0 ? '–' : `${count(row.tookPreselected)} of ${count(row.preselected)}`,
  ];
}

/** `75.9 % (73.4–78.2)`, or that there is nothing to take a share of. */
function shareText(successes: number, trials: number): string {
  if (trials === 0) return '–';
  const [low, high] = wilsonInterval(successes, trials);
  return `${percent(successes / trials)} % (${percent(low)}–${percent(high)}) of ${count(trials)}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
