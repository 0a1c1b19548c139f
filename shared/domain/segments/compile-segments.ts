import type { Condition, ConditionFault } from './condition.ts';
import { indexConditions, type ConditionIndex } from './condition-index.ts';
import { definitionName } from './definition-name.ts';
import { FaultList } from './fault-list.ts';
import { parseCondition, type ConditionScope } from './parse-condition.ts';
import type { JourneyStage, SegmentsConfig } from './segment-source.ts';
import { MAX_WINDOWS, NO_WINDOWS_PLANNED, planWindows, type Window, type WindowPlan } from './window.ts';

/** A shop's segments, read and checked. */
export interface Segments {
  /** By id, in the order of the configuration. */
  readonly named: ReadonlyMap<string, { readonly description: string; readonly condition: Condition }>;
  /** The furthest stage first. */
  readonly journey: readonly { readonly stage: JourneyStage; readonly condition: Condition }[];
  /** Those whose crossings are announced, with the names of their definitions. */
  readonly announced: ReadonlyMap<string, string>;
  /** What the fold keeps for them, and no more. */
  readonly windows: WindowPlan;
  /** All conditions, to be judged at once: those of the named ones in their order, then those of the journey. */
  readonly index: ConditionIndex;
}

/** Of somebody who is to be in none. */
export const NO_SEGMENTS: Segments = {
  named: new Map(),
  journey: [],
  announced: new Map(),
  windows: NO_WINDOWS_PLANNED,
  index: indexConditions([], () => undefined),
};

/** What is remembered of each stands in one item of a person's. */
const MAX_ANNOUNCED = 32;
const STAGES: readonly JourneyStage[] = ['advocacy', 'retention', 'purchase', 'consideration', 'awareness'];

/**
 * Reads a shop's segments. With faults, all of them are in `faults` and there are no segments.
 *
 * @example
 * compileSegments({ named: { vip: { description: '…', when: { 'orders.count': { $gte: 9 } } } }, journey }).faults // → []
 */
export function compileSegments(config: SegmentsConfig): {
  readonly segments: Segments;
  readonly faults: readonly ConditionFault[];
} {
  const faults = new FaultList();
  const scope: ConditionScope = {
    over: 'profile',
    lists: config.lists ?? {},
    segments: Object.keys(config.named),
    events: config.events ?? [],
  };
  const read = (source: unknown, path: string): Condition => parseCondition(source, path, scope, faults);
  const named = new Map(
    Object.entries(config.named).map(([id, { description, when }]) => [
      id,
      { description, condition: read(when, `segments.named.${id}.when`) },
    ]),
  );
  const journey = STAGES.map((stage) => ({
    stage,
    condition: read(config.journey[stage], `segments.journey.${stage}`),
  }));
  for (const id of named.keys()) {
    const cycle = cycleFrom(id, named, []);
    if (cycle !== undefined)
      faults.add(
        'segment_cycle',
        `segments.named.${id}.when`,
        `whether somebody is in "${id}" hangs on itself: ${cycle.join(' → ')}`,
      );
  }
  const conditions = [...named.values(), ...journey].map(({ condition }) => condition);
  const looks = conditions.flatMap(windowsIn);
  const windows = planWindows(looks);
  const clash = looks.find((look) => looks.some((other) => isTakenFor(look, other)));
  if (clash !== undefined)
    faults.add(
      'name_clash',
      'segments',
      `what is kept of two different looks at “${clash.event}” has one name by chance: write one of them otherwise, e.g. its "where" in another order`,
    );
  if (faults.all.length === 0) addSizeFaults(named, faults);
  for (const [facet, list] of Object.entries(windows) as readonly [string, readonly Window[]][]) {
    if (list.length > MAX_WINDOWS)
      faults.add(
        'more_than_kept',
        'segments',
        `the ${facet} facet keeps ${MAX_WINDOWS} windows, and ${list.length} are asked for`,
      );
  }
  for (const [id, { announce }] of Object.entries(config.named)) {
    if (announce !== undefined && typeof announce !== 'boolean')
      faults.add('wrong_type', `segments.named.${id}.announce`, 'this must be true or false');
  }
  const announcedIds = Object.keys(config.named).filter((id) => config.named[id]?.announce === true);
  if (announcedIds.length > MAX_ANNOUNCED)
    faults.add(
      'more_than_kept',
      'segments.named',
      `of one person ${MAX_ANNOUNCED} memberships are announced, and ${announcedIds.length} are asked for`,
    );
  if (faults.all.length > 0) return { segments: NO_SEGMENTS, faults: faults.all };
  const conditionOf = (id: string): Condition | undefined => named.get(id)?.condition;
  const announced = new Map(announcedIds.map((id) => [id, definitionName(id, conditionOf)]));
  const index = indexConditions(conditions, conditionOf);
  return { segments: { named, journey, announced, windows, index }, faults: [] };
}

/** The segments of a configuration that was checked before it was deployed. Throws with its faults if it was not. */
export function segmentsOfConfig(config: SegmentsConfig): Segments {
  const { segments, faults } = compileSegments(config);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  return segments;
}

/** Whether two looks at different things would be kept as one. */
function isTakenFor(look: Window, other: Window): boolean {
  const content = ({ op, event, where, of, currency }: Window): string =>
    JSON.stringify([op, event, where, of, currency], (_, value: unknown) =>
      value instanceof RegExp ? String(value) : value,
    );
  return look.name === other.name && content(look) !== content(other);
}

/** Segments that refer to each other are written out in one another. */
const MAX_NODES = 2_000;

function addSizeFaults(named: Segments['named'], faults: FaultList): void {
  const sizes = new Map<string, number>();
  const sizeOf = (id: string): number => {
    const known = sizes.get(id);
    if (known !== undefined) return known;
    const condition = named.get(id)?.condition;
    const size = condition === undefined ? 1 : nodesIn(condition, sizeOf);
    sizes.set(id, size);
    return size;
  };
  for (const id of named.keys()) {
    if (sizeOf(id) > MAX_NODES)
      faults.add(
        'nested_too_deep',
        `segments.named.${id}.when`,
        `with the segments that it refers to it comes to more than ${MAX_NODES.toLocaleString('en')} conditions`,
      );
  }
}

function nodesIn(condition: Condition, sizeOf: (id: string) => number): number {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.reduce((total, part) => total + nodesIn(part, sizeOf), 1);
    case 'not':
      return 1 + nodesIn(condition.of, sizeOf);
    case 'member':
      return sizeOf(condition.segment);
    case 'field':
    case 'window':
      return 1;
  }
}

/** Every window in a condition, not those of segments that it refers to. */
export function windowsIn(condition: Condition): readonly Window[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(windowsIn);
    case 'not':
      return windowsIn(condition.of);
    case 'window':
      return [condition.window];
    case 'field':
    case 'member':
      return [];
  }
}

function membersIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(membersIn);
    case 'not':
      return membersIn(condition.of);
    case 'member':
      return [condition.segment];
    case 'field':
    case 'window':
      return [];
  }
}

function cycleFrom(
  id: string,
  named: Segments['named'],
  way: readonly string[],
  seen = new Set<string>(),
): readonly string[] | undefined {
  if (way[0] === id) return [...way, id];
  // Somebody else's cycle is found from there, and from wherever this one has been nothing leads back.
  if (seen.has(id)) return undefined;
  seen.add(id);
  const segment = named.get(id);
  if (segment === undefined) return undefined;
  for (const next of membersIn(segment.condition)) {
    const cycle = cycleFrom(next, named, [...way, id], seen);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
