import type { Outcome } from './outcomes.ts';
import { SHOWN_RUNGS } from './shown-orders.ts';

/** What one row of a table counts together. */
export interface OutcomeRow {
  readonly label: string;
  readonly shown: number;
  /** Not completed, and their time is not over. */
  readonly open: number;
  readonly completed: number;
  /** Those whose time is over, and of these the completed: what a share is taken of. */
  readonly settled: number;
  readonly settledCompleted: number;
  /** Place from 1 → completed checkouts that chose it. */
  readonly ranks: ReadonlyMap<number, number>;
  /** Completed with something that the order did not hold. */
  readonly elsewhere: number;
  /** Completed checkouts in which something was preselected, and of these those that took it. */
  readonly preselected: number;
  readonly tookPreselected: number;
}

export const OUTCOME_GROUPS = ['rung', 'order', 'day'] as const;
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number];

/** Orders that have a row of their own: they come from the public, and there may be any number of them. */
const MAX_ORDERS = 10;
const OTHERS = 'other orders';

/**
 * Outcomes added up. Rungs come in the order of the ladder, orders by how often they were shown, the rarer ones
 * together; days (UTC) oldest first.
 */
export function outcomeTable(outcomes: readonly Outcome[], by: OutcomeGroup): readonly OutcomeRow[] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const label = labelOf(outcome, by);
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [outcome]);
    else group.push(outcome);
  }
  const sorted = [...groups].sort(compareBy(by));
  const own = by === 'order' ? sorted.slice(0, MAX_ORDERS) : sorted;
  const rest = sorted.slice(own.length).flatMap(([, group]) => group);
  return [...own, ...(rest.length > 0 ? [[OTHERS, rest] as const] : [])].map(([label, group]) =>
    rowOf(label, group),
  );
}

/** All rows in one. */
export function rowOf(label: string, outcomes: readonly Outcome[]): OutcomeRow {
  const count = (holds: (outcome: Outcome) => boolean): number => outcomes.filter(holds).length;
  const ranks = new Map<number, number>();
  for (const { rank } of outcomes) if (typeof rank === 'number') ranks.set(rank, (ranks.get(rank) ?? 0) + 1);
  return {
    label,
    shown: outcomes.length,
    open: count(({ status }) => status === 'open'),
    completed: count(({ status }) => status === 'completed'),
    settled: count(({ isSettled }) => isSettled),
    settledCompleted: count(({ isSettled, status }) => isSettled && status === 'completed'),
    ranks: new Map([...ranks].sort(([one], [other]) => one - other)),
    elsewhere: count(({ rank }) => rank === null),
    preselected: count(({ tookPreselected }) => tookPreselected !== undefined),
    tookPreselected: count(({ tookPreselected }) => tookPreselected === true),
  };
}

/** Mean reciprocal rank of what was chosen: 1 if always the first, ½ if always the second; undefined if nobody chose. */
export function reciprocalRank({
  ranks,
  elsewhere,
}: Pick<OutcomeRow, 'ranks' | 'elsewhere'>): number | undefined {
  const entries = [...ranks];
  const chosen = entries.reduce((sum, [, count]) => sum + count, elsewhere);
  return chosen === 0 ? undefined : entries.reduce((sum, [rank, count]) => sum + count / rank, 0) / chosen;
}

/** Mean place of what was chosen, of what stood in the order; undefined if nobody chose from it. */
export function meanRank({ ranks }: Pick<OutcomeRow, 'ranks'>): number | undefined {
  const entries = [...ranks];
  const chosen = entries.reduce((sum, [, count]) => sum + count, 0);
  return chosen === 0 ? undefined : entries.reduce((sum, [rank, count]) => sum + rank * count, 0) / chosen;
}

/** 97.5 % quantile of the normal distribution. */
const Z = 1.959964;

/**
 * Wilson's interval: where a share truly lies with 95 % confidence, also if little or nothing was counted.
 *
 * @example wilsonInterval(8, 10) // → [0.49, 0.94]
 */
export function wilsonInterval(successes: number, trials: number): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const spread = Z * Z;
  const centre = share + spread / (2 * trials);
  const width = Z * Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials * trials));
  const scale = 1 + spread / trials;
  return [Math.max(0, (centre - width) / scale), Math.min(1, (centre + width) / scale)];
}

function labelOf({ rung, order, at }: Outcome, by: OutcomeGroup): string {
  switch (by) {
    case 'rung':
      return rung;
    case 'order':
      return order.join(' > ');
    case 'day':
      return new Date(at).toISOString().slice(0, 10);
  }
}

type Group = readonly [label: string, outcomes: readonly Outcome[]];

function compareBy(by: OutcomeGroup): (left: Group, right: Group) => number {
  const byLabel = ([left]: Group, [right]: Group): number => (left < right ? -1 : 1);
  switch (by) {
    case 'rung':
      return ([left], [right]) => rungIndex(left) - rungIndex(right);
    case 'order':
      return (left, right) => right[1].length - left[1].length || byLabel(left, right);
    case 'day':
      return byLabel;
  }
}

function rungIndex(label: string): number {
  return SHOWN_RUNGS.findIndex((rung) => rung === label);
}
