import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import { s3QuarantineReader } from '../../shared/adapters/s3/s3-quarantine-reader.ts';
import { s3Quarantine } from '../../shared/adapters/s3/s3-quarantine.ts';
import { behavesLikeAQuarantine } from './quarantine.behaviour.ts';
import { s3Stub, type S3Stub } from './s3-stub.ts';

describe('the quarantine in memory', () => {
  behavesLikeAQuarantine(() => {
    const quarantine = memoryQuarantine();
    return Promise.resolve({ quarantine, reader: quarantine });
  });
});

describe('the quarantine in S3', () => {
  let stub: S3Stub;
  let buckets = 0;
  beforeAll(async () => {
    stub = await s3Stub();
  });
  afterAll(() => stub.close());

  behavesLikeAQuarantine(() => {
    buckets += 1;
    const options = { bucket: `quarantine-${buckets}`, client: () => stub.client() };
    return Promise.resolve({ quarantine: s3Quarantine(options), reader: s3QuarantineReader(options) });
  });

  test('keys tell day, hour and id, and nothing else', async () => {
    const quarantine = s3Quarantine({ bucket: 'keys', client: () => stub.client() });
    const arrivedAt = Date.UTC(2026, 0, 5, 7, 59, 59);
    await quarantine.keep([
      {
        id: 'bulk/shardId-1/49',
        arrivedAt,
        quarantinedAt: 0,
        code: 'c',
        reason: 'r',
        functionName: 'f',
        bytes: '',
      },
    ]);
    expect([...stub.objects('keys').keys()]).toEqual(['quarantine/2026-01-05/07/bulk%2FshardId-1%2F49.json']);
  });
});
