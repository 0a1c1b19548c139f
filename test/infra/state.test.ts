import {
  type JsonObject,
  propertiesOf,
  type Resource,
  resourcesOf,
  synthesized,
  textOf,
} from './synthesized.ts';

const STATEFUL = [
  'AWS::Kinesis::Stream',
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
];
const dev = synthesized('dev');
const prod = synthesized('prod');

const stateful = ({ stateTemplate }: typeof dev): ReadonlyMap<string, Resource> =>
  new Map([...resourcesOf(stateTemplate)].filter(([, { Type }]) => STATEFUL.includes(Type)));

test.each([dev, prod])(
  'stateful resources keep their logical ids: a new id would leave the data behind',
  (stage) => {
    expect(Object.fromEntries([...stateful(stage)].map(([id, { Type }]) => [id, Type]))).toEqual({
      CriticalStream08117483: 'AWS::Kinesis::Stream',
      BulkStream724C99A6: 'AWS::Kinesis::Stream',
      ProfilesTable43079065: 'AWS::DynamoDB::Table',
      RegionsTableC6073EDE: 'AWS::DynamoDB::Table',
      SuppressionsTableF0485256: 'AWS::DynamoDB::Table',
      QuarantineBucket2B128B57: 'AWS::S3::Bucket',
      SecretsApiKeys7AB8F12A: 'AWS::SecretsManager::Secret',
      SecretsIdentity74DCF23E: 'AWS::SecretsManager::Secret',
      SecretsSubjectDCF43473: 'AWS::SecretsManager::Secret',
    });
  },
);

test('nothing stateful stands in the stack that is replaced at will', () => {
  for (const { serviceTemplate } of [dev, prod]) {
    for (const type of STATEFUL) serviceTemplate.resourceCountIs(type, 0);
  }
});

test('in prod every stateful resource outlives its stack and its replacement', () => {
  for (const resource of stateful(prod).values()) {
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
  expect(prod.state.terminationProtection).toBe(true);
  prod.stateTemplate.allResourcesProperties('AWS::DynamoDB::Table', {
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test('a dev stage leaves nothing behind that costs', () => {
  for (const resource of stateful(dev).values()) expect(resource.DeletionPolicy).toBe('Delete');
});

test('a dev stage pays for no more than one shard a lane', () => {
  for (const { Properties } of resourcesOf(dev.stateTemplate, 'AWS::Kinesis::Stream').values()) {
    expect(Properties).toMatchObject({ ShardCount: 1, StreamModeDetails: { StreamMode: 'PROVISIONED' } });
  }
});

test.each([dev, prod])('everything at rest is encrypted', ({ stateTemplate }) => {
  for (const { Properties } of resourcesOf(stateTemplate, 'AWS::Kinesis::Stream').values()) {
    expect(Properties.StreamEncryption).toEqual({ EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
  }
  stateTemplate.allResourcesProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEEnabled: true } });
  stateTemplate.allResourcesProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
  });
});

test.each([dev, prod])(
  'quarantine is closed to the public, to plain HTTP and to time',
  ({ stateTemplate }) => {
    stateTemplate.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
    });
    const { Statement } = propertiesOf(stateTemplate, 'AWS::S3::BucketPolicy').PolicyDocument as {
      readonly Statement: readonly JsonObject[];
    };
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    for (const { Effect } of Statement) expect(Effect).toBe('Deny');
  },
);

test('regional counts of long ago go by themselves; profiles do not', () => {
  const tables = resourcesOf(prod.stateTemplate, 'AWS::DynamoDB::Table');
  expect(tables.get('RegionsTableC6073EDE')?.Properties.TimeToLiveSpecification).toEqual({
    AttributeName: 'e',
    Enabled: true,
  });
  expect(tables.get('ProfilesTable43079065')?.Properties).not.toHaveProperty('TimeToLiveSpecification');
});

test('streams have no fixed names: the name tells one life of a stream from the next', () => {
  for (const { stateTemplate } of [dev, prod]) {
    for (const { Properties } of resourcesOf(stateTemplate, 'AWS::Kinesis::Stream').values()) {
      expect(Properties).not.toHaveProperty('Name');
    }
  }
});

test('two stages fit into one account: no stateful resource has a fixed name', () => {
  for (const { Properties } of stateful(prod).values()) {
    for (const name of ['Name', 'TableName', 'BucketName']) expect(Properties).not.toHaveProperty(name);
  }
});

test('a deploy cannot change the secret that every stored key depends on', () => {
  // CloudFormation generates a new value when any of these properties changes.
  for (const { stateTemplate } of [dev, prod]) {
    expect(stateTemplate.toJSON().Resources.SecretsSubjectDCF43473.Properties.GenerateSecretString).toEqual({
      ExcludePunctuation: true,
      GenerateStringKey: 'subjectSecret',
      PasswordLength: 43,
      SecretStringTemplate: '{}',
    });
  }
});

test('the public write key differs from stack to stack, the secret key is generated', () => {
  const { GenerateSecretString } =
    resourcesOf(dev.stateTemplate).get('SecretsApiKeys7AB8F12A')?.Properties ?? {};
  expect(GenerateSecretString).toMatchObject({ GenerateStringKey: 'secretKey' });
  const { SecretStringTemplate } = GenerateSecretString as JsonObject;
  expect(textOf(SecretStringTemplate)).toMatch(/^\{"writeKey":"wk_<.*AWS::StackId.*>"\}$/);
});

test('a person finds every stateful resource in the outputs', () => {
  for (const name of [
    'CriticalStream',
    'BulkStream',
    'ProfilesTable',
    'RegionsTable',
    'SuppressionsTable',
    'QuarantineBucket',
    'ApiKeysSecret',
    'IdentitySecret',
    'SubjectSecret',
  ]) {
    dev.stateTemplate.hasOutput(name, {});
  }
});
