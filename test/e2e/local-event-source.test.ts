import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { KinesisStreamEvent } from 'aws-lambda';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AwsClients, awsClients } from '../../local/aws-clients.ts';
import { openCheckpoints } from '../../local/checkpoints.ts';
import { type EventSource, startEventSource } from '../../local/event-source.ts';
import { runClock } from '../../local/run-clock.ts';
import { type HttpServer, listen } from '../../local/http-server.ts';
import { type InvocationResult, THROTTLED } from '../../local/lambda-protocol.ts';
import { objectStore } from '../../local/object-store.ts';
import type { EventSourcePlan } from '../../local/plan.ts';

const kinesalite = createRequire(import.meta.url)('kinesalite') as (options: object) => Server;
const dir = mkdtempSync(join(tmpdir(), 'cartwright-source-'));
let emulator: Server;
let objects: HttpServer;
let clients: AwsClients;
let streams = 0;
const sources: EventSource[] = [];

beforeAll(async () => {
  emulator = kinesalite({ createStreamMs: 0, updateStreamMs: 0, shardLimit: 100 });
  await new Promise<void>((resolve) => emulator.listen(0, '127.0.0.1', resolve));
  objects = await listen(0, objectStore(join(dir, 'objects')));
  const kinesis = `http://127.0.0.1:${(emulator.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  clients = awsClients(
    { dynamodb: kinesis, kinesis, s3: objects.url, secretsManager: kinesis },
    'us-east-1',
    credentials,
  );
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'failures' }));
});
afterAll(async () => {
  Object.values(clients).forEach((client: { destroy(): void }) => client.destroy());
  emulator.close();
  emulator.closeAllConnections();
  await objects.end();
  rmSync(dir, { recursive: true });
});

afterEach(async () => {
  await Promise.all(sources.map((source) => source.end()));
});

type Behaviour = (
  bodies: readonly string[],
  event: KinesisStreamEvent,
) => InvocationResult | Promise<InvocationResult>;
const fine: InvocationResult = { ok: true, payload: 'null' };
const broken: InvocationResult = { ok: false, error: { errorType: 'Error', errorMessage: 'no', trace: [] } };

async function stream(): Promise<EventSourcePlan> {
  const streamName = `stream-${streams++}`;
  await clients.kinesis.send(new CreateStreamCommand({ StreamName: streamName, ShardCount: 1 }));
  await until(async () => {
    const { StreamDescriptionSummary } = await clients.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: streamName }),
    );
    return StreamDescriptionSummary?.StreamStatus === 'ACTIVE';
  });
  return {
    id: `Mapping${streamName}`,
    uuid: '00000000-0000-4000-8000-000000000000',
    functionName: 'fold',
    streamName,
    streamArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`,
    startingPosition: 'TRIM_HORIZON',
    batchSize: 10,
    windowMs: 0,
    parallelization: 1,
    bisect: true,
    maxAgeSeconds: -1,
    maxRetries: -1,
    partialResponses: true,
    failureBucket: 'failures',
  };
}

const ages: number[] = [];
const givenUp: { readonly uuid: string; readonly count: number; readonly isKept: boolean }[] = [];

function poll(plan: EventSourcePlan, behaviour: Behaviour, clock = runClock()): EventSource {
  const source = startEventSource({
    plan,
    clients,
    region: 'us-east-1',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fold',
    checkpoints: openCheckpoints(join(dir, `${plan.id}.json`)),
    clock,
    meters: {
      iteratorAge: (_, ageMs) => void ages.push(ageMs),
      givenUp: (uuid, count, isKept) => void givenUp.push({ uuid, count, isKept }),
    },
    invoke: async (input) => {
      const event = input as KinesisStreamEvent;
      return behaviour(
        event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString()),
        event,
      );
    },
  });
  sources.push(source);
  return source;
}

async function put({ streamName }: EventSourcePlan, ...bodies: string[]): Promise<void> {
  const Records = bodies.map((body) => ({ PartitionKey: body.split(':')[0]!, Data: Buffer.from(body) }));
  await clients.kinesis.send(new PutRecordsCommand({ StreamName: streamName, Records }));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 15_000;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error('waited in vain');
    await sleep(20);
  }
}

/** Waits until the source has done all that was put before now. */
async function settled(source: EventSource): Promise<void> {
  const now = Date.now();
  await until(() => source.status().caughtUpAt > now);
}

describe('an event source mapping', () => {
  it('hands over the records as Lambda does, in order', async () => {
    const plan = await stream();
    await put(plan, 'a:1', 'b:2', 'a:3');
    let event: KinesisStreamEvent | undefined;
    const source = poll(plan, (_, input) => {
      event = input;
      return fine;
    });
    await settled(source);
    expect(event?.Records).toHaveLength(3);
    expect(event?.Records[0]).toEqual({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'a',
        sequenceNumber: expect.stringMatching(/^\d{56}$/),
        data: Buffer.from('a:1').toString('base64'),
        approximateArrivalTimestamp: expect.any(Number),
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${event?.Records[0]?.kinesis.sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: expect.stringMatching(/^arn:aws:iam:/),
      awsRegion: 'us-east-1',
      eventSourceARN: plan.streamArn,
    });
    expect(source.status()).toMatchObject({ idle: true, pending: 0, lagMs: 0, failures: 0 });
  });

  it('hands over again, whole and for as long as it takes, what a function had no concurrency for', async () => {
    const plan = { ...(await stream()), maxRetries: 0 };
    await put(plan, 'a:1', 'b:2', 'c:3');
    const handed: string[][] = [];
    const source = poll(plan, (bodies) => {
      handed.push([...bodies]);
      return handed.length < 4 ? THROTTLED : fine;
    });
    await settled(source);
    expect(handed).toEqual(Array.from({ length: 4 }, () => ['a:1', 'b:2', 'c:3']));
    expect(source.status().failures).toBe(3);
  });

  it('tells how old its records are at each try, and gives up what is too old by the run’s clock', async () => {
    const plan = { ...(await stream()), maxAgeSeconds: 3_600, uuid: 'aged' };
    const clock = runClock();
    await put(plan, 'a:1', 'a:2');
    ages.length = 0;
    let calls = 0;
    const source = poll(
      plan,
      () => {
        calls += 1;
        return THROTTLED;
      },
      clock,
    );
    await until(() => calls >= 2);
    expect(Math.max(...ages)).toBeLessThan(30_000);
    clock.advance(1_800_000);
    const before = calls;
    await until(() => calls > before);
    expect(Math.max(...ages)).toBeGreaterThanOrEqual(1_800_000);
    clock.advance(1_800_001);
    await settled(source);
    expect(givenUp.filter(({ uuid }) => uuid === 'aged')).toEqual([{ uuid: 'aged', count: 2, isKept: true }]);
  });

  it('drops what its bucket does not take, and says so', async () => {
    const plan = { ...(await stream()), maxRetries: 0, failureBucket: 'no-such-bucket', uuid: 'dropped' };
    await put(plan, 'a:1');
    const source = poll(plan, () => broken);
    await settled(source);
    expect(givenUp.filter(({ uuid }) => uuid === 'dropped')).toEqual([
      { uuid: 'dropped', count: 1, isKept: false },
    ]);
  }, 30_000);

  it('goes on after a restart where it was, and hands over again what was not done', async () => {
    const plan = await stream();
    const seen: string[] = [];
    await put(plan, 'a:1', 'a:2');
    const first = poll({ ...plan, batchSize: 1 }, ([body = '']) => {
      seen.push(body);
      return body === 'a:2' ? broken : fine;
    });
    await until(() => seen.includes('a:2'));
    await first.end();
    seen.length = 0;
    const second = poll(plan, (bodies) => {
      seen.push(...bodies);
      return fine;
    });
    await settled(second);
    expect(seen).toEqual(['a:2']);
  });

  it('isolates a poisoned record, keeps it in the bucket with its bytes, and goes on', async () => {
    const plan = { ...(await stream()), maxRetries: 1 };
    const done: string[] = [];
    await put(plan, ...Array.from({ length: 8 }, (_, n) => (n === 5 ? 'x:poison' : `x:${n}`)));
    const source = poll(plan, (bodies) => {
      if (bodies.includes('x:poison')) return broken;
      done.push(...bodies);
      return fine;
    });
    await settled(source);
    expect(done).toEqual(['x:0', 'x:1', 'x:2', 'x:3', 'x:4', 'x:6', 'x:7']);

    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: 'failures' }));
    const Key = Contents.findLast(({ Key: key }) => key?.includes(plan.uuid))?.Key ?? '';
    expect(Key).toMatch(
      /^aws\/lambda\/0{8}-0000-4000-8000-0{12}\/shardId-000000000000\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
    );
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: 'failures', Key }));
    const kept = JSON.parse((await Body?.transformToString()) ?? '') as { readonly payload: string };
    expect(kept).toMatchObject({
      version: '1.0',
      requestContext: { condition: 'RetryAttemptsExhausted' },
      responseContext: { functionError: 'Unhandled' },
      KinesisBatchInfo: { shardId: 'shardId-000000000000', batchSize: 1, streamArn: plan.streamArn },
    });
    const payload = JSON.parse(kept.payload) as KinesisStreamEvent;
    expect(payload.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString())).toEqual([
      'x:poison',
    ]);
  });

  it('gives up what has become too old', async () => {
    const plan = { ...(await stream()), maxAgeSeconds: 1 };
    const done: string[] = [];
    await put(plan, 'old:1');
    const source = poll(plan, (bodies) => {
      if (bodies.includes('old:1')) return broken;
      done.push(...bodies);
      return fine;
    });
    await settled(source);
    expect(source.status().failures).toBeGreaterThan(1);
    await put(plan, 'new:1');
    await settled(source);
    expect(done).toEqual(['new:1']);
  });

  it('goes on from the lowest record that a partial response names', async () => {
    const plan = await stream();
    const calls: (readonly string[])[] = [];
    await put(plan, 'a:1', 'a:2', 'a:3');
    const source = poll(plan, (bodies, { Records }) => {
      calls.push(bodies);
      const second = Records[1]?.kinesis.sequenceNumber;
      const batchItemFailures = calls.length === 1 ? [{ itemIdentifier: second }] : [];
      return { ok: true, payload: JSON.stringify({ batchItemFailures }) };
    });
    await settled(source);
    expect(calls).toEqual([
      ['a:1', 'a:2', 'a:3'],
      ['a:2', 'a:3'],
    ]);
    expect(source.status().failures).toBe(1);
  });

  it('runs batches of a shard side by side, each partition key in order', async () => {
    const plan = { ...(await stream()), parallelization: 4, batchSize: 3 };
    const keys = Array.from({ length: 12 }, (_, n) => `k${n}`);
    for (let n = 0; n < 10; n++) await put(plan, ...keys.map((key) => `${key}:${n}`));
    let now = 0;
    let most = 0;
    const seen = new Map<string, number[]>();
    const source = poll(plan, async (bodies) => {
      most = Math.max(most, ++now);
      await sleep(Math.random() * 10);
      now -= 1;
      if (Math.random() < 0.1) return broken;
      for (const body of bodies) {
        const [key = '', n] = body.split(':');
        seen.set(key, [...(seen.get(key) ?? []), Number(n)]);
      }
      return fine;
    });
    await settled(source);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    for (const key of keys) expect(seen.get(key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('reads parents before children when shards are split and merged', async () => {
    const plan = await stream();
    const StreamName = plan.streamName;
    const keys = Array.from({ length: 8 }, (_, n) => `key${n}`);
    const active = () =>
      until(async () => {
        const { StreamDescriptionSummary } = await clients.kinesis.send(
          new DescribeStreamSummaryCommand({ StreamName }),
        );
        return StreamDescriptionSummary?.StreamStatus === 'ACTIVE';
      });
    await put(plan, ...keys.map((key) => `${key}:1`));
    const middle = (2n ** 127n).toString();
    await clients.kinesis.send(
      new SplitShardCommand({ StreamName, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: middle }),
    );
    await active();
    await put(plan, ...keys.map((key) => `${key}:2`));
    await clients.kinesis.send(
      new MergeShardsCommand({
        StreamName,
        ShardToMerge: 'shardId-000000000001',
        AdjacentShardToMerge: 'shardId-000000000002',
      }),
    );
    await active();
    await put(plan, ...keys.map((key) => `${key}:3`));
    const seen = new Map<string, number[]>();
    poll(plan, async (bodies) => {
      await sleep(20);
      for (const body of bodies) {
        const [key = '', n] = body.split(':');
        seen.set(key, [...(seen.get(key) ?? []), Number(n)]);
      }
      return fine;
    });
    await until(() => [...seen.values()].flat().length === keys.length * 3);
    for (const key of keys) expect(seen.get(key)).toEqual([1, 2, 3]);
  }, 30_000);
});
