import { defaultProvider } from '../../shared/adapters/aws/lambda-credentials.ts';

const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

let before: Record<string, string | undefined>;
beforeEach(() => {
  before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  for (const name of NAMES) delete process.env[name];
});
afterEach(() => {
  for (const name of NAMES) {
    const value = before[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test('a function is who its environment says it is when it is asked', async () => {
  const credentials = defaultProvider();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_SESSION_TOKEN: 't',
  });
  expect(await credentials()).toEqual({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 't' });
});

test('credentials that last have no session', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'id', secretAccessKey: 'key' });
});

test.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('with %s alone nobody is anybody', async (name) => {
  process.env[name] = 'half';
  await expect(defaultProvider()()).rejects.toThrow('no AWS credentials');
});
