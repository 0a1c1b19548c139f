import { ListObjectsV2Command, PutObjectCommand, S3Client, GetObjectCommand } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { spawnSync } from 'node:child_process';
import { s3QuarantineReader } from '../../shared/adapters/s3/s3-quarantine-reader.ts';
import { s3Quarantine } from '../../shared/adapters/s3/s3-quarantine.ts';
import { s3RedriveMarks } from '../../shared/adapters/s3/s3-redrive-marks.ts';
import type { QuarantineEntry } from '../../shared/ports/quarantine.ts';

const s3 = mockClient(S3Client);
beforeEach(() => void s3.reset());

const unavailable = { name: 'QuarantineUnavailable', code: 'quarantine_unavailable' };
const options = {
  bucket: 'quarantine',
  streams: { critical: 'c', bulk: 'b' },
  client: () => Promise.resolve(new S3Client({ region: 'local' })),
};
const entryOf = (id: string): QuarantineEntry => ({
  id,
  code: 'too_deep',
  reason: 'JSON nested too deep',
  functionName: 'fold-profiles',
  arrivedAt: Date.UTC(2026, 10, 22, 23, 15),
  quarantinedAt: Date.UTC(2026, 10, 23, 1),
  bytes: 'e30=',
});

test('an entry is put as one JSON object under the hour it arrived in', async () => {
  s3.on(PutObjectCommand).resolves({});

  await s3Quarantine(options).keep([entryOf('critical/shardId-1/49')]);

  expect(s3.commandCalls(PutObjectCommand).map((call) => call.args[0].input)).toEqual([
    {
      Bucket: 'quarantine',
      Key: 'quarantine/2026-11-22/23/critical%2FshardId-1%2F49.json',
      Body: JSON.stringify(entryOf('critical/shardId-1/49')),
      ContentType: 'application/x-ndjson',
    },
  ]);
});

test('nothing to keep, no call and no client', async () => {
  const client = () => Promise.reject(new Error('a client was made'));
  await s3Quarantine({ bucket: 'quarantine', client }).keep([]);
  expect(s3.calls()).toEqual([]);
});

test('no more than eight are put at a time', async () => {
  let running = 0;
  let most = 0;
  s3.on(PutObjectCommand).callsFake(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    return {};
  });

  await s3Quarantine(options).keep(Array.from({ length: 40 }, (_, index) => entryOf(`poison-${index}`)));

  expect(most).toBe(8);
  expect(s3.commandCalls(PutObjectCommand)).toHaveLength(40);
});

test('one entry that may not be kept makes the whole call fail', async () => {
  s3.on(PutObjectCommand).resolvesOnce({}).rejectsOnce(new Error('socket hang up')).resolves({});
  await expect(s3Quarantine(options).keep([entryOf('a'), entryOf('b'), entryOf('c')])).rejects.toMatchObject(
    unavailable,
  );
});

test('a list starts at the hour asked for', async () => {
  s3.on(ListObjectsV2Command).resolves({});

  for await (const _ of s3QuarantineReader(options).list(Date.UTC(2026, 10, 22, 23, 59))) break;

  expect(s3.commandCalls(ListObjectsV2Command).map((call) => call.args[0].input)).toEqual([
    { Bucket: 'quarantine', Prefix: 'redrive/begun/', StartAfter: 'redrive/begun/2026-11-22/23/' },
    { Bucket: 'quarantine', Prefix: 'redrive/done/', StartAfter: 'redrive/done/2026-11-22/23/' },
    { Bucket: 'quarantine', Prefix: 'quarantine/', StartAfter: 'quarantine/2026-11-22/23/' },
    { Bucket: 'quarantine', Prefix: 'aws/lambda/' },
  ]);
});

test('an object that is no entry makes the list fail rather than skip it', async () => {
  s3.on(ListObjectsV2Command).resolves({});
  s3.on(ListObjectsV2Command, { Prefix: 'quarantine/' }).resolves({
    Contents: [{ Key: 'quarantine/2026-11-22/23/a.json' }],
  });
  s3.on(GetObjectCommand).resolves({});
  const list = s3QuarantineReader(options).list(0);
  await expect(list[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable);
});

test('a mark is a small object under redrive/, by the hour its entry arrived in', async () => {
  s3.on(PutObjectCommand).resolves({});
  await s3RedriveMarks(options).mark([entryOf('critical/shardId-1/49')], 'done');
  expect(s3.commandCalls(PutObjectCommand).map((call) => call.args[0].input)).toEqual([
    { Bucket: 'quarantine', Key: 'redrive/done/2026-11-22/23/critical%2FshardId-1%2F49', Body: 'done' },
  ]);

  s3.on(PutObjectCommand).rejects(new Error('socket hang up'));
  await expect(s3RedriveMarks(options).mark([entryOf('a')], 'done')).rejects.toMatchObject(unavailable);
});

test('the SDK is not loaded before something has to be kept', () => {
  const script = `
    import { createRequire } from 'node:module';
    import { loadS3 } from './shared/adapters/s3/s3-client.ts';
    import { s3Quarantine } from './shared/adapters/s3/s3-quarantine.ts';
    const { cache } = createRequire(import.meta.url);
    const isLoaded = () => Object.keys(cache).some((path) => path.includes('@aws-sdk/client-s3/'));
    await s3Quarantine({ bucket: 'quarantine' }).keep([]);
    const before = isLoaded();
    await loadS3();
    console.log(before, isLoaded());
  `;
  const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(run.stdout.trim()).toBe('false true');
});
