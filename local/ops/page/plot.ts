import type uPlot from 'uplot';
import { quantity } from '../quantity.ts';
import type { OpsGraph } from '../ops-state.ts';

const HEIGHT_PX = 150;
const COLOURS = 8;

/** A colour of the page's own, as the scheme (dark or light) has it now. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function lineColour(index: number): string {
  return `--line-${(index % COLOURS) + 1}`;
}

/** Where lines outnumber colours. */
function dashOf(index: number): number[] | undefined {
  return index < COLOURS ? undefined : [4, 3];
}

export interface PlotEvents {
  /** The pointer is over this place of the data; null: it has gone. */
  onHover(index: number | null): void;
}

/** @param widthPx of the place that it gets */
export function plotOptions(graph: OpsGraph, widthPx: number, events: PlotEvents): uPlot.Options {
  const { axis, objectives, lines, stacked } = graph;
  const grid = { stroke: () => colour('--grid'), width: 1 };
  const axes = { stroke: () => colour('--muted'), grid, ticks: grid, font: '11px system-ui, sans-serif' };
  return {
    width: widthPx,
    height: HEIGHT_PX,
    legend: { show: false },
    padding: [10, 8, 0, 0],
    cursor: { y: false, sync: { key: 'ops' }, drag: { x: false, y: false } },
    scales: {
      x: { time: true },
      y: {
        range: (_, __, highest) => {
          const top = Math.max(highest ?? 0, ...objectives.map(({ value }) => value));
          return [axis.min ?? 0, axis.max ?? (top > 0 ? top * 1.12 : 1)];
        },
      },
    },
    axes: [
      { ...axes, space: 60, size: 28, values: (_, splits) => splits.map(clock) },
      {
        ...axes,
        space: 28,
        size: 58,
        values: (_, splits) => splits.map((value) => quantity(value, axis.label)),
      },
    ],
    series: [
      {},
      ...lines.map((line, index): uPlot.Series => {
        const stroke = (): string => colour(lineColour(index));
        const dash = dashOf(index);
        return {
          label: line.label,
          stroke,
          width: 1.75,
          points: { show: true, size: 4, fill: stroke },
          ...(dash ? { dash } : {}),
          ...(stacked ? { fill: () => `${colour(lineColour(index))}59` } : {}),
        };
      }),
    ],
    ...(stacked
      ? { bands: lines.slice(1).map((_, index): uPlot.Band => ({ series: [index + 2, index + 1] })) }
      : {}),
    hooks: {
      draw: [(plot) => drawObjectives(plot, graph)],
      setCursor: [(plot) => events.onHover(plot.cursor.idx ?? null)],
    },
  };
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function drawObjectives(plot: uPlot, { objectives }: OpsGraph): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour('--bad');
  ctx.fillStyle = colour('--bad');
  ctx.lineWidth = ratio;
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  for (const { value, label } of objectives) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    if (label === undefined) continue;
    const isLow = y - bbox.top < 16 * ratio;
    ctx.textBaseline = isLow ? 'top' : 'bottom';
    ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y + (isLow ? 3 : -3) * ratio);
  }
  ctx.restore();
}
