import {
  BatchGetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { loadKeys } from '../../shared/adapters/secrets/load-keys.ts';
import { sourceKeys } from '../../shared/adapters/secrets/source-keys.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';

const secrets = mockClient(SecretsManagerClient);
beforeEach(() => void secrets.reset());

const client = new SecretsManagerClient({ region: 'local' });
const apiKeys = { ARN: 'arn:api', Name: 'api', SecretString: '{"writeKey":"wk_1","secretKey":"sk_1"}' };
const subject = { ARN: 'arn:subject', Name: 'subject', SecretString: '{"subjectSecret":"pepper"}' };
const identity = { ARN: 'arn:identity', Name: 'identity', SecretString: '{"identitySecret":"salt"}' };

describe('loading keys', () => {
  test('one call asks for exactly the secrets a function has', async () => {
    secrets.on(BatchGetSecretValueCommand).resolves({ SecretValues: [subject, apiKeys] });

    const keys = await loadKeys({ apiKeys: 'arn:api', subject: 'arn:subject' }, client);

    expect(keys).toEqual({
      apiKeys: { writeKey: 'wk_1', secretKey: 'sk_1' },
      subject: { subjectSecret: 'pepper' },
    });
    expect(secrets.calls().map((call) => call.args[0].input)).toEqual([
      { SecretIdList: ['arn:api', 'arn:subject'] },
    ]);
  });

  test('a secret may be asked for by its name', async () => {
    secrets.on(BatchGetSecretValueCommand).resolves({ SecretValues: [identity] });
    expect(await loadKeys({ identity: 'identity' }, client)).toEqual({
      identity: { identitySecret: 'salt' },
    });
  });

  test('a secret without a key says which, never what it holds', async () => {
    const SecretString = '{"writeKey":{"hidden":"hunter2"},"secretKey":"hunter2"}';
    secrets.on(BatchGetSecretValueCommand).resolves({ SecretValues: [{ ...apiKeys, SecretString }] });

    const error: unknown = await loadKeys({ apiKeys: 'arn:api' }, client).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'KeysUnavailable', code: 'keys_unavailable' });
    expect(String(error)).toContain('apiKeys');
    expect(String(error)).toContain('writeKey');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2');
  });

  test.each([
    ['no JSON', 'hunter2'],
    ['no object', '"hunter2"'],
    ['an empty key', '{"subjectSecret":""}'],
    ['nothing', undefined],
  ])('a secret that is %s is refused', async (_, SecretString) => {
    secrets.on(BatchGetSecretValueCommand).resolves({ SecretValues: [{ ...subject, SecretString }] });
    await expect(loadKeys({ subject: 'arn:subject' }, client)).rejects.toMatchObject({
      name: 'KeysUnavailable',
    });
  });

  test('a secret that may not be read is named by its error', async () => {
    secrets.on(BatchGetSecretValueCommand).resolves({
      SecretValues: [],
      Errors: [{ SecretId: 'arn:subject', ErrorCode: 'AccessDeniedException' }],
    });
    await expect(loadKeys({ subject: 'arn:subject' }, client)).rejects.toThrow('AccessDeniedException');
  });

  test('a secret that is missing from the answer, or the whole answer, is unavailable', async () => {
    secrets
      .on(BatchGetSecretValueCommand)
      .resolvesOnce({})
      .rejectsOnce(new ResourceNotFoundException({ message: '', $metadata: {} }));
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(loadKeys({ subject: 'arn:subject' }, client)).rejects.toMatchObject({
        name: 'KeysUnavailable',
      });
    }
  });
});

describe('source keys', () => {
  const keys = sourceKeys({ writeKey: 'wk_1', secretKey: 'sk_1' });

  test('each key names its source', () => {
    expect([keys.sourceOf('wk_1'), keys.sourceOf('sk_1')]).toEqual(['browser', 'server']);
  });

  test.each(['', 'wk_', 'wk_1 ', 'WK_1', 'sk_11', 'x'.repeat(10_000), '\ud800'])(
    '%j is nobody’s key',
    (key) => {
      expect(keys.sourceOf(key)).toBeNull();
    },
  );
});

describe('subject keys', () => {
  const keys = subjectKeys('local-subject-secret');

  test('a key is 22 characters of base64url, and always the same', () => {
    // printf 'u:42' | openssl dgst -sha256 -hmac local-subject-secret -binary | head -c 16 | basenc --base64url
    expect(keys.keyOf('u:42')).toBe('Aady9TVShCrDC_Wq6flhWg');
    expect(keys.keyOf('u:42')).toMatch(/^[\w-]{22}$/);
  });

  test('another secret makes another key', () => {
    expect(subjectKeys('another').keyOf('u:42')).not.toBe(keys.keyOf('u:42'));
  });

  test('ids that look alike stay apart', () => {
    const ids = ['u:1', 'a:1', 'u:', 'u:é', 'u:e\u0301', 'u:\ud800', 'u:\ud801', 'u:\udc00', 'u:\ufffd'];
    expect(new Set(ids.map((id) => keys.keyOf(id))).size).toBe(ids.length);
  });
});
