import type { StageFunction } from '../../infra/stage-function.ts';
import type { StageName } from '../../shared/domain/store-config.ts';
import { type Json, type JsonObject, logicalIdOf, resourcesOf, synthesized, textOf } from './synthesized.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: Json;
}

const STAGES: readonly StageName[] = ['dev', 'prod'];
const OWN_LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const SECRETS = ['secretsmanager:BatchGetSecretValue', 'secretsmanager:GetSecretValue'];

describe.each(STAGES)('least privilege in %s', (name) => {
  const { service, stateTemplate, serviceTemplate } = synthesized(name);
  const allRoles = resourcesOf(serviceTemplate, 'AWS::IAM::Role');
  const isOfDeploys = (role: string): boolean =>
    textOf(allRoles.get(role)?.Properties.AssumeRolePolicyDocument).includes("'codedeploy.amazonaws.com'");
  // What may shift calls between versions, in a stage that is deployed so: deployment.test.ts.
  const roles = new Map([...allRoles].filter(([id]) => !isOfDeploys(id)));
  const policies = [...resourcesOf(serviceTemplate, 'AWS::IAM::Policy').values()]
    .map((policy) => policy.Properties)
    .filter(
      ({ Roles }) => !(Roles as readonly { readonly Ref: string }[]).some(({ Ref }) => isOfDeploys(Ref)),
    );
  const functions = [...resourcesOf(serviceTemplate, 'AWS::Lambda::Function').entries()];
  const statements = policies.flatMap(
    ({ PolicyDocument }) =>
      (PolicyDocument as unknown as { readonly Statement: readonly Statement[] }).Statement,
  );

  test('every role belongs to one function, and every function has one', () => {
    const rolesOfFunctions = functions.map(([, { Properties }]) => roleIdOf(Properties.Role));
    expect(rolesOfFunctions).toHaveLength(roles.size);
    expect(new Set(rolesOfFunctions)).toEqual(new Set(roles.keys()));
    for (const { Roles } of policies) expect(Roles).toHaveLength(1);
    expect(allRoles.size - roles.size).toBe(name === 'prod' ? 1 : 0);
    expect(resourcesOf(stateTemplate, 'AWS::IAM::Role').size).toBe(0);
  });

  test('only Lambda may take a role, and none has a managed policy', () => {
    for (const { Properties } of roles.values()) {
      expect(textOf(Properties.AssumeRolePolicyDocument)).toContain("'Service':'lambda.amazonaws.com'");
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
  });

  test('no role may scan, delete, update in place, or use a wildcard for an action', () => {
    for (const action of statements.flatMap(actionsIn))
      expect(action).not.toMatch(/Scan|Delete|UpdateItem|\*/);
  });

  test('every permission names its resource; the one that cannot is checked secret by secret', () => {
    for (const statement of statements) {
      if (statement.Resource === '*')
        expect(actionsIn(statement)).toEqual(['secretsmanager:BatchGetSecretValue']);
    }
  });

  test('objects can be added to quarantine, and neither read nor listed but by what puts them there and by the audit', () => {
    const others = statements.filter((one) => !statementsOf(service.profileAudit.audit).includes(one));
    const actions = others.flatMap(actionsIn).filter((action) => action.startsWith('s3:'));
    expect([...new Set(actions)].sort()).toEqual(['s3:ListBucket', 's3:PutObject']);
    for (const statement of others.filter((candidate) => actionsIn(candidate).includes('s3:PutObject'))) {
      for (const resource of [statement.Resource].flat()) {
        expect(textOf(resource)).toMatch(/>\/(quarantine|aws\/lambda)\/\*$/);
      }
    }
  });

  test.each<[string, (stacks: typeof service) => StageFunction, readonly string[]]>([
    ['collect-events', (stacks) => stacks.collectEvents, ['kinesis:PutRecords', 's3:PutObject', ...SECRETS]],
    ['decide-checkout', (stacks) => stacks.decideCheckout, ['dynamodb:Query', ...SECRETS]],
    ['read-profile', (stacks) => stacks.readProfile, ['dynamodb:BatchGetItem', 'dynamodb:Query', ...SECRETS]],
    [
      'erase-profile',
      (stacks) => stacks.profileErasing.erase,
      [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        ...SECRETS,
      ],
    ],
  ])('%s may do exactly what it does', (_, pick, allowed) => {
    expect(actionsOf(pick(service))).toEqual([...OWN_LOGS, ...allowed].sort());
  });

  test('the folds write profiles whole and read no secret; only the lane that links devices sees a whole subject', () => {
    const actions = [service.criticalLane, service.bulkLane].map(({ fold }) =>
      actionsOf(fold).filter((action) => !/^(kinesis|s3):/.test(action)),
    );
    expect(actions).toEqual([
      [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        ...OWN_LOGS,
      ],
      ['dynamodb:BatchGetItem', 'dynamodb:PutItem', ...OWN_LOGS],
    ]);
  });

  test('who was erased is put down by what erases and by the lane that links devices; no function lists it', () => {
    const recorders = [service.profileErasing.erase, service.criticalLane.fold];
    const naming = statements.filter(({ Resource }) => textOf(Resource).includes('SuppressionsTable'));
    expect(naming.map(actionsIn)).toEqual(recorders.map(() => ['dynamodb:GetItem', 'dynamodb:PutItem']));
    for (const recorder of recorders)
      expect(statementsOf(recorder).filter((one) => naming.includes(one))).toHaveLength(1);
  });

  test('what counts regions writes cells whole and sees neither a profile nor a secret', () => {
    const actions = actionsOf(service.regionCounting.count).filter(
      (action) => !/^(kinesis|s3):/.test(action),
    );
    expect(actions).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', ...OWN_LOGS]);
  });

  test('an audit reads, and writes nothing but its own notes: no profile, no stream, no entry of quarantine', () => {
    const { audit } = service.profileAudit;
    expect([...new Set(actionsOf(audit))]).toEqual([
      'dynamodb:BatchGetItem',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      ...OWN_LOGS,
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
    const objectsOf = (action: string) =>
      statementsOf(audit)
        .filter((statement) => actionsIn(statement).includes(action))
        .flatMap(({ Resource }) => [Resource].flat())
        .map((resource) => textOf(resource).replace(/^.*>\//, ''))
        .sort();
    expect(objectsOf('s3:PutObject')).toEqual(['audit/state.json']);
    // What was sent and could not be applied (`quarantine/`) it cannot read.
    expect(objectsOf('s3:GetObject')).toEqual(['audit/state.json', 'aws/lambda/*']);
  });

  test('no secret stands in the environment or in a template: functions get names', () => {
    for (const [, { Properties }] of functions) {
      const { Variables } = Properties.Environment as { readonly Variables: JsonObject };
      for (const [variable, value] of Object.entries(Variables)) {
        if (/SECRET|KEY|TOKEN|PASSWORD/.test(variable)) {
          expect(textOf(value)).toMatch(
            /^<\{'Fn::ImportValue':'Cartwright-\w+-State:ExportsOutputRefSecrets\w+'\}>$/,
          );
        }
      }
    }
    for (const template of [stateTemplate, serviceTemplate]) {
      expect(JSON.stringify(template.toJSON())).not.toMatch(/\{\{resolve:|"SecretString"/);
    }
  });

  function actionsOf(of: StageFunction): readonly string[] {
    return statementsOf(of).flatMap(actionsIn).sort();
  }

  function statementsOf({ lambda }: StageFunction): readonly Statement[] {
    const properties = functions.find(([id]) => id === logicalIdOf(service, lambda))?.[1].Properties;
    const roleId = roleIdOf(properties?.Role);
    return policies
      .filter(({ Roles }) => textOf(Roles).includes(`'${roleId}'`))
      .flatMap(
        ({ PolicyDocument }) =>
          (PolicyDocument as unknown as { readonly Statement: readonly Statement[] }).Statement,
      );
  }
});

function actionsIn({ Action }: Statement): readonly string[] {
  return [Action].flat();
}

function roleIdOf(role: Json | undefined): string | undefined {
  return textOf(role).match(/'Fn::GetAtt':\['(\w+)'/)?.[1];
}
