import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Json } from '../shared/domain/json.ts';
import { LocalFault } from './fault.ts';

/** A template, as far as the local run reads it. */
export interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: Readonly<Record<string, Json>>;
        readonly Condition?: string;
      }
    >
  >;
  readonly Parameters: Readonly<Record<string, { readonly Default?: Json }>>;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Json>>>>>>;
  readonly Outputs: Readonly<
    Record<string, { readonly Value: Json; readonly Export?: { readonly Name: Json } }>
  >;
}

const anything = v.unknown();
const record = <Value extends v.GenericSchema>(value: Value) => v.optional(v.record(v.string(), value), {});
const TemplateFile = v.object({
  Resources: v.record(
    v.string(),
    v.object({ Type: v.string(), Properties: record(anything), Condition: v.optional(v.string()) }),
  ),
  Parameters: record(v.object({ Default: v.optional(anything) })),
  Conditions: record(anything),
  Mappings: record(v.record(v.string(), v.record(v.string(), anything))),
  Outputs: record(v.object({ Value: anything, Export: v.optional(v.object({ Name: anything })) })),
});

const Manifest = v.object({
  artifacts: v.record(
    v.string(),
    v.object({
      type: v.string(),
      properties: v.optional(
        v.object({
          templateFile: v.optional(v.string()),
          stackName: v.optional(v.string()),
          file: v.optional(v.string()),
          directoryName: v.optional(v.string()),
        }),
        {},
      ),
    }),
  ),
});

const Assets = v.object({
  files: v.record(
    v.string(),
    v.object({
      source: v.object({ path: v.optional(v.string()) }),
      destinations: v.record(v.string(), v.object({ objectKey: v.string() })),
    }),
  ),
});

export interface AssemblyStack {
  readonly name: string;
  readonly template: Template;
}

export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
  /** Folder or file of each asset by the S3 key under which it would be deployed. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads what `cdk synth` wrote: the stacks' templates and where their assets lie.
 *
 * @throws {LocalFault} if the folder holds no assembly
 */
export function readAssembly(dir: string): Assembly {
  if (!existsSync(join(dir, 'manifest.json'))) throw new LocalFault(`${dir} holds no synthesized assembly.`);
  const stacks: AssemblyStack[] = [];
  const assets = new Map<string, string>();
  const { artifacts } = v.parse(Manifest, readJson(join(dir, 'manifest.json')));
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type === 'aws:cloudformation:stack' && properties.templateFile) {
      const template = v.parse(TemplateFile, readJson(join(dir, properties.templateFile))) as Template;
      stacks.push({ name: properties.stackName ?? id, template });
    } else if (type === 'cdk:asset-manifest' && properties.file) {
      const { files } = v.parse(Assets, readJson(join(dir, properties.file)));
      for (const { source, destinations } of Object.values(files)) {
        for (const { objectKey } of Object.values(destinations)) {
          if (source.path !== undefined) assets.set(objectKey, join(dir, source.path));
        }
      }
    } else if (type === 'cdk:cloud-assembly' && properties.directoryName) {
      const nested = readAssembly(join(dir, properties.directoryName));
      stacks.push(...nested.stacks);
      for (const [key, path] of nested.assets) assets.set(key, path);
    }
  }
  return { stacks, assets };
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
