import { randomUUID } from 'node:crypto';
import type { Json } from '../shared/domain/json.ts';
import type { Assembly, AssemblyStack } from './assembly.ts';
import { LocalFault } from './fault.ts';
import { functionNameIn } from './function-name.ts';
import { evaluateCondition, resolveValue, type Scope } from './intrinsics.ts';
import { type NameBook, randomSuffix } from './state.ts';

export const ACCOUNT_ID = '000000000000';

export interface Resource {
  /** Unique over all stacks. */
  readonly key: string;
  /** Logical id. */
  readonly id: string;
  readonly type: string;
  /** Physical name: a Lambda function's, table's, stream's … own, else one of our making. */
  name(): string;
  /** The properties with all intrinsics resolved. */
  properties(): Readonly<Record<string, Json>>;
}

export interface StackSet {
  readonly resources: readonly Resource[];
  /** The value of the output with this name, of whichever stack. */
  output(name: string): string | undefined;
  /** Says how a service itself answered, where it chooses more than we do (a secret's ARN). */
  setReference(key: string, ref: string): void;
}

export interface StackSetOptions {
  readonly assembly: Assembly;
  readonly names: NameBook;
  readonly region: string;
  /** What the API's own endpoint attribute answers. */
  readonly apiUrl: string;
}

/** Gives the resources of all stacks names and resolves what they say about each other. */
export function openStackSet({ assembly, names, region, apiUrl }: StackSetOptions): StackSet {
  const references = new Map<string, string>();
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${ACCOUNT_ID}:${rest}`;

  const ownNameOf = (key: string, id: string, type: string): string =>
    names.nameOf(key, () => {
      if (type === 'AWS::Lambda::EventSourceMapping') return randomUUID();
      const name = `${id.slice(0, 48)}-${randomSuffix()}`;
      return type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
    });

  const toResource = (stack: AssemblyStack, scope: Scope, id: string): Resource => {
    const { Type: type, Properties: template } = stack.template.Resources[id]!;
    const key = `${stack.name}/${id}`;
    return {
      key,
      id,
      type,
      name() {
        const property = NAME_PROPERTIES[type];
        const given = property === undefined ? undefined : template[property];
        const name = given === undefined ? undefined : resolveValue(given, scope);
        return typeof name === 'string' ? name : ownNameOf(key, id, type);
      },
      properties: () => (resolveValue(template, scope) ?? {}) as Readonly<Record<string, Json>>,
    };
  };

  const referenceOf = (resource: Resource): string => {
    const known = references.get(resource.key);
    if (known !== undefined) return known;
    if (resource.type === 'AWS::Kinesis::StreamConsumer') {
      return `${String(resource.properties().StreamARN)}/consumer/${resource.name()}:1`;
    }
    // The ARN of what both are of, with the alias or version behind it: the one that runs here, whatever it is called.
    if (resource.type === 'AWS::Lambda::Alias' || resource.type === 'AWS::Lambda::Version') {
      const { FunctionName, Name } = resource.properties();
      return arn('lambda', `function:${functionNameIn(String(FunctionName))}:${String(Name ?? 1)}`);
    }
    return resource.type === 'AWS::SecretsManager::Secret'
      ? arn('secretsmanager', `secret:${resource.name()}`)
      : resource.name();
  };

  const attributeOf = (resource: Resource, attribute: string): string => {
    const name = resource.name();
    if (resource.type === 'AWS::ApiGatewayV2::Api' && attribute === 'ApiEndpoint') return apiUrl;
    if (attribute !== 'Arn') {
      return ['Id', 'ApiId', 'ConsumerARN'].includes(attribute)
        ? referenceOf(resource)
        : `${name}.${attribute}`;
    }
    switch (resource.type) {
      case 'AWS::DynamoDB::Table':
        return arn('dynamodb', `table/${name}`);
      case 'AWS::Kinesis::Stream':
        return arn('kinesis', `stream/${name}`);
      case 'AWS::Lambda::Function':
        return arn('lambda', `function:${name}`);
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${name}`;
      case 'AWS::CloudWatch::Alarm':
      case 'AWS::CloudWatch::CompositeAlarm':
        return arn('cloudwatch', `alarm:${name}`);
      default:
        return arn('local', name);
    }
  };

  const exported = (name: string): Json => {
    for (const { stack, scope } of stacks) {
      for (const { Value, Export } of Object.values(stack.template.Outputs)) {
        if (Export && resolveValue(Export.Name, scope) === name) return resolveValue(Value, scope) ?? null;
      }
    }
    throw new LocalFault(`No stack exports ${name}, which another one imports.`);
  };

  const scopeOf = (stack: AssemblyStack): Scope => {
    const { Resources, Parameters, Conditions, Mappings } = stack.template;
    const pseudo: Readonly<Record<string, Json | undefined>> = {
      'AWS::AccountId': ACCOUNT_ID,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.name,
      'AWS::StackId': arn(
        'cloudformation',
        `stack/${stack.name}/${names.nameOf(`${stack.name}/`, randomUUID)}`,
      ),
      'AWS::NotificationARNs': [],
      'AWS::NoValue': undefined,
    };
    const resourceOf = (id: string): Resource => {
      if (!(id in Resources))
        throw new LocalFault(`Stack ${stack.name} refers to ${id}, which it does not have.`);
      return toResource(stack, scope, id);
    };
    const scope: Scope = {
      ref: (name) => {
        if (name in pseudo) return pseudo[name];
        return name in Parameters ? (Parameters[name]?.Default ?? '') : referenceOf(resourceOf(name));
      },
      attribute: (id, attribute) => attributeOf(resourceOf(id), attribute),
      importValue: exported,
      condition: (name) => evaluateCondition(Conditions[name] ?? false, scope),
      mapping: (map, key, subKey) => Mappings[map]?.[key]?.[subKey] ?? null,
    };
    return scope;
  };

  const stacks = assembly.stacks.map((stack) => ({ stack, scope: scopeOf(stack) }));
  return {
    resources: stacks.flatMap(({ stack, scope }) =>
      Object.entries(stack.template.Resources)
        .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
        .map(([id]) => toResource(stack, scope, id)),
    ),
    output(name) {
      for (const { stack, scope } of stacks) {
        const output = stack.template.Outputs[name];
        if (output) return String(resolveValue(output.Value, scope));
      }
      return undefined;
    },
    setReference: (key, ref) => void references.set(key, ref),
  };
}

/** Where a template may choose the name itself. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Kinesis::Stream': 'Name',
  'AWS::Kinesis::StreamConsumer': 'ConsumerName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
};
