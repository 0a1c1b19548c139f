import { evalCondition } from '@growthbook/growthbook';
import { LogicEngine } from 'json-logic-engine';
import {
  Engine,
  type ConditionProperties,
  type NestedCondition,
  type TopLevelCondition,
} from 'json-rules-engine';
import sift from 'sift';
import type { Json } from '../../../shared/domain/json.ts';
import { indexConditions } from '../../../shared/domain/segments/condition-index.ts';
import { valueAt, type Evidence } from '../../../shared/domain/segments/evaluate.ts';
import { FaultList } from '../../../shared/domain/segments/fault-list.ts';
import { OPEN_SCOPE, parseCondition } from '../../../shared/domain/segments/parse-condition.ts';
import type { Attributes, Leaf, Rule } from './made-up-rules.ts';

/** Says which rules hold of somebody, by their positions in order. */
export type Judge = (nested: Attributes, flat: Attributes) => readonly number[] | Promise<readonly number[]>;

/** A way to judge people by rules; `load` does whatever can be done beforehand. */
export interface Contender {
  readonly name: string;
  load(rules: readonly Rule[]): Judge;
}

const noWindow: Evidence['window'] = () => ({ value: null, isComplete: true, completeFrom: 0 });
const noSegment: Evidence['segment'] = () => undefined;

const cartwright: Contender = {
  name: 'Cartwright, index',
  load(rules) {
    const faults = new FaultList();
    const conditions = rules.map((rule, at) => parseCondition(mongo(rule), String(at), OPEN_SCOPE, faults));
    if (faults.all.length > 0) throw new Error(faults.all[0]?.message);
    const index = indexConditions(conditions, () => undefined);
    return (fields) => index.match({ fields, now: 0, window: noWindow, segment: noSegment });
  },
};

const growthbook: Contender = {
  name: 'GrowthBook',
  load(rules) {
    const conditions = rules.map(mongo) as Parameters<typeof evalCondition>[1][];
    return (nested) => positions(conditions, (condition) => evalCondition(nested, condition));
  },
};

const siftJs: Contender = {
  name: 'sift',
  load(rules) {
    const filters = rules.map((rule) => sift(mongo(rule)));
    return (nested) => positions(filters, (filter) => filter(nested));
  },
};

const jsonLogic: Contender = {
  name: 'json-logic-engine, built',
  load(rules) {
    const engine = new LogicEngine();
    const built = rules.map((rule) => engine.build(logic(rule)) as (data: unknown) => unknown);
    return (nested) => positions(built, (one) => one(nested) === true);
  },
};

const jsonRules: Contender = {
  name: 'json-rules-engine',
  load(rules) {
    const engine = new Engine();
    rules.forEach((rule, at) => engine.addRule({ conditions: topLevel(rule), event: { type: String(at) } }));
    return async (_nested, flat) => {
      const { events } = await engine.run(flat);
      return events.map(({ type }) => Number(type)).sort((left, right) => left - right);
    };
  },
};

const closures: Contender = {
  name: 'closures by hand',
  load(rules) {
    const built = rules.map(closure);
    return (nested) => positions(built, (one) => one(nested));
  },
};

/** The first is ours, the second what the others are measured against. */
export const CONTENDERS: readonly Contender[] = [
  cartwright,
  growthbook,
  jsonLogic,
  jsonRules,
  siftJs,
  closures,
];

function positions<Item>(items: readonly Item[], holds: (item: Item) => boolean): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < items.length; at++) if (holds(items[at]!)) found.push(at);
  return found;
}

/** Mongo's syntax. */
export function mongo(rule: Rule): object {
  if ('all' in rule) return { $and: rule.all.map(mongo) };
  if ('any' in rule) return { $or: rule.any.map(mongo) };
  if ('not' in rule) return { $nor: [mongo(rule.not)] };
  switch (rule.is) {
    case 'equal':
      return { [rule.path]: rule.value };
    case 'one of':
      return { [rule.path]: { $in: rule.values } };
    case 'at least':
      return { [rule.path]: { $gte: rule.value } };
    case 'less than':
      return { [rule.path]: { $lt: rule.value } };
  }
}

function logic(rule: Rule): object {
  if ('all' in rule) return { and: rule.all.map(logic) };
  if ('any' in rule) return { or: rule.any.map(logic) };
  if ('not' in rule) return { '!': logic(rule.not) };
  const value = { var: rule.path };
  switch (rule.is) {
    case 'equal':
      return { '===': [value, rule.value] };
    case 'one of':
      return { in: [value, rule.values] };
    case 'at least':
      return { '>=': [value, rule.value] };
    case 'less than':
      return { '<': [value, rule.value] };
  }
}

function topLevel(rule: Rule): TopLevelCondition {
  return 'all' in rule || 'any' in rule || 'not' in rule
    ? (inner(rule) as TopLevelCondition)
    : { all: [inner(rule)] };
}

function inner(rule: Rule): NestedCondition {
  if ('all' in rule) return { all: rule.all.map(inner) };
  if ('any' in rule) return { any: rule.any.map(inner) };
  if ('not' in rule) return { not: inner(rule.not) };
  return asked(rule);
}

function asked(leaf: Leaf): ConditionProperties {
  switch (leaf.is) {
    case 'equal':
      return { fact: leaf.path, operator: 'equal', value: leaf.value };
    case 'one of':
      return { fact: leaf.path, operator: 'in', value: [...leaf.values] };
    case 'at least':
      return { fact: leaf.path, operator: 'greaterThanInclusive', value: leaf.value };
    case 'less than':
      return { fact: leaf.path, operator: 'lessThan', value: leaf.value };
  }
}

function closure(rule: Rule): (fields: Json) => boolean {
  if ('all' in rule) {
    const parts = rule.all.map(closure);
    return (fields) => parts.every((part) => part(fields));
  }
  if ('any' in rule) {
    const parts = rule.any.map(closure);
    return (fields) => parts.some((part) => part(fields));
  }
  if ('not' in rule) {
    const part = closure(rule.not);
    return (fields) => !part(fields);
  }
  const path = rule.path.split('.');
  switch (rule.is) {
    case 'equal':
      return (fields) => valueAt(fields, path) === rule.value;
    case 'one of': {
      const values: ReadonlySet<Json> = new Set(rule.values);
      return (fields) => values.has(valueAt(fields, path));
    }
    case 'at least':
      return (fields) => Number(valueAt(fields, path)) >= rule.value;
    case 'less than':
      return (fields) => Number(valueAt(fields, path)) < rule.value;
  }
}
