import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import { s3QuarantineReader } from '../../shared/adapters/s3/s3-quarantine-reader.ts';
import { s3QuarantinedRecords } from '../../shared/adapters/s3/s3-quarantined-records.ts';
import { s3Quarantine } from '../../shared/adapters/s3/s3-quarantine.ts';
import { s3RedriveMarks } from '../../shared/adapters/s3/s3-redrive-marks.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import type { ListedEntry } from '../../shared/ports/quarantine.ts';
import { discardedBatch, FOLD_MAPPING } from './discarded-batch.ts';
import { behavesLikeAQuarantine } from './quarantine.behaviour.ts';
import { s3Stub, type S3Stub } from './s3-stub.ts';

const MAPPINGS = { critical: FOLD_MAPPING, bulk: '11111111-0000-4000-8000-000000000000' };
const STREAMS = { critical: 'CriticalStream-1', bulk: 'BulkStream-1' };

describe('the quarantine in memory', () => {
  behavesLikeAQuarantine(() => {
    const quarantine = memoryQuarantine();
    return Promise.resolve({ quarantine, reader: quarantine, marks: quarantine, records: quarantine });
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
    return Promise.resolve({
      quarantine: s3Quarantine(options),
      reader: s3QuarantineReader({ ...options, streams: STREAMS }),
      marks: s3RedriveMarks(options),
      records: s3QuarantinedRecords({ ...options, streams: STREAMS, mappings: MAPPINGS }),
    });
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

  describe('reads what Lambda itself discarded', () => {
    const ARRIVED_AT = Date.UTC(2026, 0, 5, 7, 30);
    const records = [
      { sequence: '49', data: Buffer.from('{"☕":1}'), arrivedAt: ARRIVED_AT },
      { sequence: '50', data: Buffer.from('rubbish'), arrivedAt: ARRIVED_AT + 1_000 },
    ];
    const listed = async (bucket: string, since = 0) => {
      const reader = s3QuarantineReader({ bucket, streams: STREAMS, client: () => stub.client() });
      const entries: ListedEntry[] = [];
      for await (const entry of reader.list(since)) entries.push(entry);
      return entries;
    };
    const discard = (bucket: string, stream: string, condition = 'RecordAgeExceeded', mapping?: string) => {
      const { key, body } = discardedBatch({
        stream,
        condition,
        ...(mapping !== undefined && { mapping }),
        discardedAt: ARRIVED_AT + 3_600_000,
        records,
      });
      (stub.objects(bucket) as Map<string, string>).set(key, body);
    };

    test('each record of a batch is an entry, under the id that the fold would give it', async () => {
      discard('discards', STREAMS.critical);
      expect(await listed('discards')).toEqual(
        records.map(({ sequence, data, arrivedAt }) => ({
          id: `critical/shardId-000000000000/${sequence}`,
          code: 'record_age_exceeded',
          reason: "Lambda gave up the record's batch: RecordAgeExceeded",
          functionName: 'fold-critical',
          lane: 'critical',
          sequence,
          incarnation: incarnationOf(STREAMS.critical),
          arrivedAt,
          quarantinedAt: ARRIVED_AT + 3_600_000,
          bytes: data.toString('base64'),
        })),
      );
    });

    test('a batch of a stream that is no more keeps its places apart and has no lane', async () => {
      discard('former-life', 'CriticalStream-0', 'RetryAttemptsExhausted');
      const [entry] = await listed('former-life');
      expect([entry?.id, entry?.lane, entry?.code]).toEqual([
        'CriticalStream-0/shardId-000000000000/49',
        undefined,
        'retry_attempts_exhausted',
      ]);
    });

    test('a list begins at its time here too, and reads nothing that was discarded before it', async () => {
      discard('discards-since', STREAMS.bulk);
      expect((await listed('discards-since', ARRIVED_AT + 500)).map(({ sequence }) => sequence)).toEqual([
        '50',
      ]);
      (stub.objects('discards-since') as Map<string, string>).set(
        'aws/lambda/m/s/2026/01/05/2026-01-05T07.00.00-x',
        'not read',
      );
      expect((await listed('discards-since', ARRIVED_AT)).length).toBe(2);
    });

    describe('of which records are in it', () => {
      const idsOf = (bucket: string, since: number) =>
        s3QuarantinedRecords({
          bucket,
          streams: STREAMS,
          mappings: MAPPINGS,
          client: () => stub.client(),
        }).discardedSince('critical', since);

      test('those of the batches that the fold of the lane gave up since then', async () => {
        discard('ids', STREAMS.critical);
        const ids = new Set(['critical/shardId-000000000000/49', 'critical/shardId-000000000000/50']);
        expect(await idsOf('ids', ARRIVED_AT)).toEqual(ids);
        expect(await idsOf('ids', ARRIVED_AT + 3_600_000)).toEqual(ids);
        expect(await idsOf('ids', ARRIVED_AT + 3_602_000)).toEqual(new Set());
      });

      test('those that another reader of the lane gave up are none of its', async () => {
        discard('ids-of-others', STREAMS.critical, 'RecordAgeExceeded', 'another-mapping');
        expect(await idsOf('ids-of-others', 0)).toEqual(new Set());
      });

      test('records of a former stream are not taken for those of this one', async () => {
        discard('ids-of-old', 'CriticalStream-0');
        expect([...(await idsOf('ids-of-old', 0))][0]).toBe('CriticalStream-0/shardId-000000000000/49');
      });

      test('an object that cannot be read is no answer', async () => {
        (stub.objects('ids-strange') as Map<string, string>).set(
          `aws/lambda/${FOLD_MAPPING}/s/2026/01/05/x`,
          '{}',
        );
        await expect(idsOf('ids-strange', 0)).rejects.toMatchObject({ code: 'quarantine_unavailable' });
      });
    });

    test('an object there that Lambda has not written makes the list fail rather than skip it', async () => {
      (stub.objects('strange') as Map<string, string>).set('aws/lambda/m/s/2026/01/05/x', '{}');
      await expect(listed('strange')).rejects.toMatchObject({ code: 'quarantine_unavailable' });
    });
  });
});
