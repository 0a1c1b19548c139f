import uPlot from 'uplot';
import type { OpsLine } from '../ops-state.ts';

type Column = (number | null | undefined)[];

export interface SeriesTable {
  /** Seconds since the epoch, ascending, and a column a line, in the order of the lines; as uPlot wants it. */
  readonly drawn: uPlot.AlignedData;
  /** The values themselves, where what is drawn is a stack of them. */
  readonly values: readonly Column[];
}

/** Puts lines of any periods side by side. A period without a value is a gap; what falls between two periods is none. */
export function seriesTable(lines: readonly OpsLine[], from: number, isStacked: boolean): SeriesTable {
  const [times, ...values] = uPlot.join(
    lines.map((line) => withGaps(line, from)),
    lines.map(() => [0, 2]),
  ) as unknown as [number[], ...Column[]];
  return { drawn: [times, ...(isStacked ? stacked(values) : values)] as uPlot.AlignedData, values };
}

function withGaps({ points, periodSeconds }: OpsLine, from: number): uPlot.AlignedData {
  const first = points[0]?.[0];
  const last = points.at(-1)?.[0];
  if (first === undefined || last === undefined || periodSeconds <= 0) return [[from / 1000], [null]];
  const byTime = new Map(points);
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (let at = first; at <= last; at += periodSeconds * 1000) {
    times.push(at / 1000);
    values.push(byTime.get(at) ?? null);
  }
  return [times, values];
}

/** Each on top of those before it; where one has nothing it adds nothing. */
function stacked(values: readonly Column[]): readonly Column[] {
  const below: number[] = [];
  return values.map((column) =>
    column.map((value, at) => {
      below[at] = (below[at] ?? 0) + (value ?? 0);
      return value === null || value === undefined ? value : below[at];
    }),
  );
}
