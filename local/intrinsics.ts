import type { Json } from '../shared/domain/json.ts';
import { LocalFault } from './fault.ts';

/** What names mean in one template. */
export interface Scope {
  /** A resource's physical id, a parameter's value or a pseudo parameter; `undefined` for `AWS::NoValue`. */
  ref(name: string): Json | undefined;
  attribute(logicalId: string, name: string): Json;
  /** The value that another stack exports under this name. */
  importValue(name: string): Json;
  condition(name: string): boolean;
  mapping(map: string, key: string, subKey: string): Json;
}

/**
 * Replaces CloudFormation's intrinsic functions in a template value. `undefined` means: leave the property out.
 *
 * @example resolveValue({ 'Fn::Join': ['/', ['a', { Ref: 'Table' }]] }, scope) // 'a/Table-x1'
 * @throws {LocalFault} on an intrinsic that is not known here
 */
export function resolveValue(value: Json, scope: Scope): Json | undefined {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value))
    return value.map((item) => resolveValue(item, scope)).filter((item) => item !== undefined);
  const [key, ...others] = Object.keys(value);
  if (key !== undefined && others.length === 0) {
    const intrinsic = INTRINSICS[key];
    if (intrinsic) return intrinsic(value[key] ?? null, scope);
    if (key.startsWith('Fn::'))
      throw new LocalFault(`The template uses ${key}, which the local run does not know.`);
  }
  const entries: [string, Json][] = [];
  for (const [name, item] of Object.entries(value)) {
    const resolved = resolveValue(item, scope);
    if (resolved !== undefined) entries.push([name, resolved]);
  }
  return Object.fromEntries(entries);
}

/** Evaluates an entry of a template's `Conditions`. */
export function evaluateCondition(value: Json, scope: Scope): boolean {
  if (value === null || typeof value !== 'object' || isList(value)) return value === true || value === 'true';
  const all = (key: string): boolean[] => list(value[key]).map((item) => evaluateCondition(item, scope));
  if ('Fn::Equals' in value) {
    const [left, right] = list(value['Fn::Equals']).map((item) => JSON.stringify(resolveValue(item, scope)));
    return left === right;
  }
  if ('Fn::And' in value) return all('Fn::And').every(Boolean);
  if ('Fn::Or' in value) return all('Fn::Or').some(Boolean);
  if ('Fn::Not' in value) return !all('Fn::Not')[0];
  if ('Condition' in value) return scope.condition(text(value.Condition));
  throw new LocalFault(
    `The template has a condition of ${Object.keys(value).join()}, which the local run does not know.`,
  );
}

const INTRINSICS: Readonly<Record<string, (argument: Json, scope: Scope) => Json | undefined>> = {
  Ref: (name, scope) => scope.ref(text(name)),
  'Fn::GetAtt': (argument, scope) => {
    const [id, ...path] = typeof argument === 'string' ? argument.split('.') : list(argument).map(text);
    return scope.attribute(text(id), path.join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, items] = list(argument);
    return list(resolveValue(items ?? [], scope))
      .map(text)
      .join(text(separator));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, source] = list(argument);
    return text(resolveValue(source ?? null, scope)).split(text(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(argument);
    return list(resolveValue(items ?? [], scope))[Number(resolveValue(index ?? 0, scope))];
  },
  'Fn::Sub': (argument, scope) => {
    const [template, variables] = isList(argument) ? argument : [argument, {}];
    const own = (resolveValue(variables ?? {}, scope) ?? {}) as Readonly<Record<string, Json>>;
    return text(template).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in own) return text(own[name]);
      const [id, ...path] = name.split('.');
      return text(path.length > 0 ? scope.attribute(text(id), path.join('.')) : scope.ref(name));
    });
  },
  'Fn::ImportValue': (argument, scope) => scope.importValue(text(resolveValue(argument, scope))),
  'Fn::If': (argument, scope) => {
    const [condition, then, otherwise] = list(argument);
    return resolveValue((scope.condition(text(condition)) ? then : otherwise) ?? null, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, key, subKey] = list(resolveValue(argument, scope)).map(text);
    return scope.mapping(text(map), text(key), text(subKey));
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(resolveValue(argument, scope))).toString('base64'),
};

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function list(value: Json | undefined): readonly Json[] {
  if (value !== undefined && isList(value)) return value;
  throw new LocalFault(`The template has ${JSON.stringify(value)} where a list belongs.`);
}

function text(value: Json | undefined): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new LocalFault(`The template has ${JSON.stringify(value)} where a text belongs.`);
}
