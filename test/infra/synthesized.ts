import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IConstruct } from 'constructs';
import { readFileSync } from 'node:fs';
import { type Cartwright, cartwright } from '../../infra/cartwright.ts';
import type { StageName, StageSettings } from '../../shared/domain/store-config.ts';
import { store } from '../../store.config.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: JsonObject;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized extends Cartwright {
  readonly app: App;
  readonly stateTemplate: Template;
  readonly serviceTemplate: Template;
}

/** A stage as `cdk synth` makes it, with cdk.json's flags, but without bundling the functions. */
export function synthesized(name: StageName, settings: Partial<StageSettings> = {}): Synthesized {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: JsonObject };
  const app = new App({ context: { ...context, stage: name, 'aws:cdk:bundling-stacks': [] } });
  const chosen = name === 'prod' ? { consentRegime: 'opt-in' as const } : {};
  const stacks = cartwright(app, {
    name,
    settings: { ...store.stages[name], ...chosen, ...settings },
  });
  return {
    app,
    ...stacks,
    stateTemplate: Template.fromStack(stacks.state),
    serviceTemplate: Template.fromStack(stacks.service),
  };
}

/** Resources by logical id, of one type or all. */
export function resourcesOf(template: Template, type?: string): ReadonlyMap<string, Resource> {
  const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return new Map(
    Object.entries(Resources).filter(([, resource]) => type === undefined || resource.Type === type),
  );
}

/** What the one resource of a type was given. */
export function propertiesOf(template: Template, type: string): JsonObject {
  const [resource, ...others] = resourcesOf(template, type).values();
  if (resource === undefined || others.length > 0) throw new Error(`Not exactly one ${type}`);
  return resource.Properties;
}

/** The logical id under which a construct's main resource stands in its stack's template. */
export function logicalIdOf(stack: Stack, construct: IConstruct): string {
  const resource: unknown = construct.node.defaultChild;
  return stack.getLogicalId(resource as Parameters<Stack['getLogicalId']>[0]);
}

/** A value's text, with `<…>` in the place of what is known only when deployed. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('');
  const join = (value as { readonly 'Fn::Join'?: readonly [string, readonly Json[]] })['Fn::Join'];
  return join === undefined
    ? `<${JSON.stringify(value).replaceAll('"', "'")}>`
    : join[1].map(textOf).join(join[0]);
}
