import type { StageFunction } from '../../infra/stage-function.ts';
import {
  type Json,
  type JsonObject,
  logicalIdOf,
  type Resource,
  resourcesOf,
  synthesized,
  textOf,
} from './synthesized.ts';

type Synthesized = ReturnType<typeof synthesized>;
interface UpdatedAlias extends Resource {
  readonly UpdatePolicy?: { readonly CodeDeployLambdaAliasUpdate: JsonObject };
}

const dev = synthesized('dev');
const prod = synthesized('prod');

const aliasesOf = ({ serviceTemplate }: Synthesized): ReadonlyMap<string, UpdatedAlias> =>
  resourcesOf(serviceTemplate, 'AWS::Lambda::Alias');
const functionsOf = ({ service }: Synthesized): readonly StageFunction[] => [
  service.collectEvents,
  service.criticalLane.fold,
  service.bulkLane.fold,
  service.regionCounting.count,
  service.profileAudit.audit,
  service.decideCheckout,
  service.readProfile,
  service.profileErasing.erase,
];
/** Logical ids that a value refers to. */
const refsIn = (value: Json | undefined): readonly string[] =>
  [...JSON.stringify(value ?? null).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].map(([, id = '']) => id);

describe.each([
  ['dev', dev],
  ['prod', prod],
])('in %s', (_name, stage) => {
  test('all that calls a function calls its alias, so that one change moves every call', () => {
    const { serviceTemplate } = stage;
    const called = [
      ...[...resourcesOf(serviceTemplate, 'AWS::Lambda::EventSourceMapping').values()].map(
        ({ Properties }) => Properties.FunctionName,
      ),
      ...[...resourcesOf(serviceTemplate, 'AWS::ApiGatewayV2::Integration').values()].map(
        ({ Properties }) => Properties.IntegrationUri,
      ),
      ...[...resourcesOf(serviceTemplate, 'AWS::Events::Rule').values()].map(
        ({ Properties }) => (Properties.Targets as readonly JsonObject[])[0]?.Arn,
      ),
      ...[...resourcesOf(serviceTemplate, 'AWS::Lambda::Permission').values()].map(
        ({ Properties }) => Properties.FunctionName,
      ),
    ];
    expect(called.length).toBeGreaterThan(10);
    const aliases = aliasesOf(stage);
    for (const target of called) expect(refsIn(target).filter((id) => aliases.has(id))).toHaveLength(1);
  });

  test('every function has one alias, of the version that this deploy makes', () => {
    const versions = resourcesOf(stage.serviceTemplate, 'AWS::Lambda::Version');
    const functions = functionsOf(stage).map(({ lambda }) => logicalIdOf(stage.service, lambda));
    expect(functions).toHaveLength(resourcesOf(stage.serviceTemplate, 'AWS::Lambda::Function').size);
    for (const [index, { live }] of functionsOf(stage).entries()) {
      const { Name, FunctionName, FunctionVersion } =
        aliasesOf(stage).get(logicalIdOf(stage.service, live))?.Properties ?? {};
      expect({ Name, FunctionName }).toEqual({ Name: 'live', FunctionName: { Ref: functions[index] } });
      const [version = ''] = refsIn(FunctionVersion);
      expect(versions.get(version)?.Properties.FunctionName).toEqual({ Ref: functions[index] });
    }
  });
});

test('a stage that keeps things keeps old versions too: calls can go back to one at once', () => {
  const policies = (stage: Synthesized): ReadonlySet<string | undefined> =>
    new Set(
      [...resourcesOf(stage.serviceTemplate, 'AWS::Lambda::Version').values()].map(
        ({ DeletionPolicy }) => DeletionPolicy,
      ),
    );
  expect(policies(prod)).toEqual(new Set(['Retain']));
  expect(policies(dev)).not.toContain('Retain');
});

test('in dev, new versions take over at once', () => {
  for (const { UpdatePolicy } of aliasesOf(dev).values()) expect(UpdatePolicy).toBeUndefined();
  expect(resourcesOf(dev.serviceTemplate, 'AWS::CodeDeploy::DeploymentGroup').size).toBe(0);
});

describe('in prod, a new version', () => {
  const groups = resourcesOf(prod.serviceTemplate, 'AWS::CodeDeploy::DeploymentGroup');
  const [[rollbackId, rollback] = []] = [
    ...resourcesOf(prod.serviceTemplate, 'AWS::CloudWatch::CompositeAlarm'),
  ].filter(([, { Properties }]) => Properties.AlarmName === 'cartwright-prod-rollback');

  test('of each function serves a tenth of its calls for a quarter of an hour, then all', () => {
    const used = [...aliasesOf(prod).values()].map(({ UpdatePolicy }) => {
      const [group = ''] = refsIn(UpdatePolicy?.CodeDeployLambdaAliasUpdate.DeploymentGroupName);
      return group;
    });
    expect(new Set(used)).toEqual(new Set(groups.keys()));
    expect(used).toHaveLength(new Set(used).size);
    for (const { Properties } of groups.values())
      expect(Properties.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent15Minutes');
  });

  test('is taken back when the composite alarm is raised, when it fails and when it is stopped', () => {
    for (const { Properties } of groups.values()) {
      expect(Properties.AlarmConfiguration).toEqual({
        Alarms: [{ Name: 'cartwright-prod-rollback' }],
        Enabled: true,
      });
      expect(Properties.AutoRollbackConfiguration).toEqual({
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
      });
    }
  });

  test('is judged by every alarm but those of a budget, which a tenth of the calls burns too slowly', () => {
    const alarms = [...resourcesOf(prod.serviceTemplate, 'AWS::CloudWatch::Alarm').keys()];
    const ofBudgets = alarms.filter((id) => /Burn(Fast|Slow)/.test(id));
    expect(ofBudgets).toHaveLength(8);
    expect(new Set(refsIn(rollback?.Properties.AlarmRule))).toEqual(
      new Set(alarms.filter((id) => !ofBudgets.includes(id))),
    );
    expect(textOf(rollback?.Properties.AlarmRule)).not.toMatch(/NOT|AND/);
  });

  test('is watched by an alarm that is on the dashboard, and that no alias waits for', () => {
    const [dashboard] = resourcesOf(prod.serviceTemplate, 'AWS::CloudWatch::Dashboard').values();
    expect(refsIn(dashboard?.Properties.DashboardBody)).toContain(rollbackId);
  });

  test('is put in the place of the old one by a role that may do only that', () => {
    const [role] = new Set(
      [...groups.values()].flatMap(({ Properties }) => refsIn(Properties.ServiceRoleArn)),
    );
    const { Properties } = resourcesOf(prod.serviceTemplate, 'AWS::IAM::Role').get(role ?? '') ?? {};
    expect(Properties?.ManagedPolicyArns).toBeUndefined();
    const statements = [...resourcesOf(prod.serviceTemplate, 'AWS::IAM::Policy').values()]
      .filter((policy) => refsIn(policy.Properties.Roles).includes(role ?? ''))
      .flatMap(
        (policy) =>
          (policy.Properties.PolicyDocument as unknown as { readonly Statement: readonly JsonObject[] })
            .Statement,
      );
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
      'cloudwatch:DescribeAlarms',
    ]);
    const resources = statements[0]?.Resource as readonly Json[];
    expect(resources).toHaveLength(functionsOf(prod).length);
    for (const resource of resources)
      expect(textOf(resource)).toMatch(/^<\{'Fn::GetAtt':\['\w+','Arn'\]\}>:live$/);
  });
});
