import { logicalIdOf, resourcesOf, synthesized, textOf } from './synthesized.ts';

const announcing = synthesized('dev', { changes: { shards: 1 } });
const silent = synthesized('dev');

const functionOf = (stacks: typeof announcing, lane: 'criticalLane' | 'bulkLane') =>
  resourcesOf(stacks.serviceTemplate, 'AWS::Lambda::Function').get(
    logicalIdOf(stacks.service, stacks.service[lane].fold.lambda),
  );
const permissionsOf = (stacks: typeof announcing) =>
  [...resourcesOf(stacks.serviceTemplate, 'AWS::IAM::Policy')]
    .filter(([id]) => /LaneFold/.test(id))
    .map(([, { Properties }]) => textOf(Properties.PolicyDocument));

test('a stage that announces has a stream for it, kept as long as the others and encrypted', () => {
  const streams = [...resourcesOf(announcing.stateTemplate, 'AWS::Kinesis::Stream')];
  const [, changes] = streams.find(([id]) => id.startsWith('Changes')) ?? [];

  expect(streams).toHaveLength(3);
  expect(changes?.Properties).toMatchObject({
    ShardCount: 1,
    RetentionPeriodHours: 24,
    StreamEncryption: { EncryptionType: 'KMS' },
  });
});

test('both lanes may tell there, and see a subject whole', () => {
  const permissions = permissionsOf(announcing);

  expect(permissions).toHaveLength(2);
  for (const text of permissions) {
    expect(text).toContain('kinesis:PutRecords');
    expect(text).toContain('dynamodb:Query');
    expect(text).toMatch(/ExportsOutputFnGetAttChangesStream\w+/);
  }
  for (const lane of ['criticalLane', 'bulkLane'] as const)
    expect(textOf(functionOf(announcing, lane)?.Properties.Environment)).toContain('CHANGES_STREAM');
});

test('whoever announces is told when the stream turns announcements away', () => {
  const alarms = [...resourcesOf(announcing.serviceTemplate, 'AWS::CloudWatch::Alarm').keys()];
  expect(alarms.some((id) => id.includes('ChangesEventsThrottled'))).toBe(true);
});

test('a stage that does not has neither stream nor permission', () => {
  expect(resourcesOf(silent.stateTemplate, 'AWS::Kinesis::Stream').size).toBe(2);
  expect(permissionsOf(silent).join()).not.toContain('kinesis:PutRecords');
  expect(textOf(functionOf(silent, 'bulkLane')?.Properties.Environment)).not.toContain('CHANGES_STREAM');
});
