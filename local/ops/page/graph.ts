import uPlot from 'uplot';
import type { OpsGraph, OpsLine } from '../ops-state.ts';
import { duration, quantity } from '../quantity.ts';
import { element } from './element.ts';
import { fillingView } from './filling.ts';
import { lineColour, plotOptions } from './plot.ts';
import { seriesTable, type SeriesTable } from './series-table.ts';

export interface Span {
  readonly now: number;
  readonly from: number;
}

export interface GraphView {
  readonly element: HTMLElement;
  update(graph: OpsGraph, span: Span): void;
}

/** Values older than this many of their periods say how old they are. */
const FRESH_PERIODS = 2;

/** A graph, with the newest value of each line above it, or that under the pointer. */
export function graphView(titleId: string): GraphView {
  const values = element('ul', { class: 'values' });
  const place = element('div', { class: 'plot' });
  let graph: OpsGraph | undefined;
  let span: Span = { now: 0, from: 0 };
  let table: SeriesTable | undefined;
  let plot: uPlot | undefined;
  let hovered: number | null = null;

  const showValues = (): void => {
    if (!graph) return;
    const { lines, axis } = graph;
    const at = hovered === null ? undefined : table?.drawn[0][hovered];
    const shown = lines.map((line, index) => {
      const value = hovered === null ? line.points.at(-1)?.[1] : table?.values[index]?.[hovered];
      if (value === undefined || value === null) return undefined;
      const age = at === undefined ? ageOf(line, span.now) : undefined;
      return element(
        'li',
        { class: value === 0 ? 'zero' : undefined },
        swatch(index),
        `${line.label} `,
        element('b', {}, quantity(value, axis.label)),
        ...(age === undefined ? [] : [element('small', {}, ` ${age} ago`)]),
      );
    });
    const silent = lines.filter((_, index) => shown[index] === undefined).map(({ label }) => label);
    values.replaceChildren(
      ...shown.filter((item) => item !== undefined),
      ...(silent.length === 0 || silent.length === lines.length
        ? []
        : [element('li', { class: 'silent' }, `no data: ${silent.join(', ')}`)]),
    );
  };
  const draw = (): void => {
    const width = Math.floor(place.clientWidth);
    if (!graph || !table || width === 0) return;
    if (!plot) {
      const options = plotOptions(graph, width, {
        onHover(index) {
          if (index === hovered) return;
          hovered = index;
          showValues();
        },
      });
      plot = new uPlot(options, table.drawn, place);
      plot.root.setAttribute('role', 'img');
      plot.root.setAttribute('aria-labelledby', titleId);
    }
    if (plot.width !== width) plot.setSize({ width, height: plot.height });
    plot.setData(table.drawn, false);
    const first = Math.min(span.from / 1000, table.drawn[0][0] ?? Infinity);
    plot.setScale('x', { min: first, max: span.now / 1000 });
  };
  new ResizeObserver(draw).observe(place);
  // Colours are the scheme's: they are asked for again when it is drawn again.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot?.redraw());

  return {
    element: element('div', { class: 'graph' }, values, place),
    update(next, within) {
      graph = next;
      span = within;
      if (next.lines.every(({ points }) => points.length === 0)) {
        plot?.destroy();
        plot = undefined;
        table = undefined;
        if (!place.querySelector('.empty')) place.replaceChildren(fillingView(next.filledBy));
      } else {
        place.querySelector('.empty')?.remove();
        table = seriesTable(next.lines, within.from, next.stacked);
        draw();
      }
      showValues();
    },
  };
}

/** How long ago a line had its last value, if that is not just now. */
function ageOf({ points, periodSeconds }: OpsLine, now: number): string | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  const ageMs = now - last[0] - periodSeconds * 1000;
  return ageMs > FRESH_PERIODS * periodSeconds * 1000 ? duration(ageMs) : undefined;
}

function swatch(index: number): HTMLElement {
  const made = element('i', { 'aria-hidden': 'true' });
  made.style.background = `var(${lineColour(index)})`;
  return made;
}
