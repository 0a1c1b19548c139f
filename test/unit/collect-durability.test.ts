import {
  KinesisClient,
  ProvisionedThroughputExceededException,
  PutRecordsCommand,
  type PutRecordsCommandInput,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { kinesisEventLog } from '../../shared/adapters/kinesis/kinesis-event-log.ts';
import { manualPauses } from '../../shared/adapters/memory/manual-pauses.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { memoryStage, type SentRecord } from '../memory-stage.ts';

const kinesis = mockClient(KinesisClient);
const client = new KinesisClient({ region: 'local' });

/** What becomes of one record, or of a whole call, on its way into a stream. */
type Fate = 'kept' | 'throttled' | 'failed' | 'no result';
type CallFate = 'answered' | 'throttled' | 'lost' | 'kept, but the answer lost';

interface Weather {
  /** Asked once for each call. */
  readonly call: () => CallFate;
  /** Asked once for each record of a call. */
  readonly record: (messageId: string) => Fate;
}
const FAIR: Weather = { call: () => 'answered', record: () => 'kept' };

/** The collector over the Kinesis adapter, over streams that keep and lose records as told. */
function stageOnKinesis(weather: Weather) {
  const streams: Record<Lane, SentRecord[]> = { critical: [], bulk: [] };
  let sequence = 100;
  let current = weather;
  const puts: number[] = [];

  const keep = ({ StreamName, Records = [] }: PutRecordsCommandInput): PutRecordsResultEntry[] =>
    Records.map(({ PartitionKey = '', Data = new Uint8Array() }) => {
      const data = Buffer.from(Data).toString();
      const fate = current.record((JSON.parse(data) as StreamEvent).message.messageId);
      if (fate === 'throttled') return { ErrorCode: 'ProvisionedThroughputExceededException' };
      if (fate === 'failed') return { ErrorCode: 'InternalFailure' };
      const SequenceNumber = String(++sequence);
      streams[StreamName as Lane].push({ sequence: SequenceNumber, partitionKey: PartitionKey, data });
      return fate === 'no result' ? {} : { SequenceNumber, ShardId: 'shardId-000000000000' };
    });
  kinesis.reset();
  kinesis.on(PutRecordsCommand).callsFake((input: PutRecordsCommandInput) => {
    puts.push(input.Records?.length ?? 0);
    const fate = current.call();
    if (fate === 'throttled')
      throw new ProvisionedThroughputExceededException({ message: '', $metadata: {} });
    if (fate === 'lost') throw new TypeError('socket hang up');
    const Records = keep(input);
    if (fate !== 'answered') throw new TypeError('socket hang up');
    return { Records, FailedRecordCount: Records.filter(({ ErrorCode }) => ErrorCode).length, $metadata: {} };
  });

  const stage = memoryStage();
  const log = kinesisEventLog({
    client,
    streams: { critical: 'critical', bulk: 'bulk' },
    pauses: manualPauses(),
  });
  stage.eventLog.append = (lane, entries, options) => log.append(lane, entries, options);
  return {
    stage,
    /** Records in each call, in turn. */
    puts,
    change: (next: Weather) => void (current = next),
    kept: () => [...streams.critical, ...streams.bulk].map(({ data }) => messageIdOf(data)),
    fold: async () => [
      await stage.foldRecords('critical', streams.critical),
      await stage.foldRecords('bulk', streams.bulk),
    ],
  };
}

const messageIdOf = (data: SentRecord['data']) =>
  (JSON.parse(Buffer.from(data).toString()) as StreamEvent).message.messageId;
const order = (id: string) => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'ann',
  messageId: id,
  properties: { order_id: id, total: 10, currency: 'EUR', payment_method: 'pix' },
});
const batch = {
  batch: [order('o1'), order('o2'), { type: 'page', userId: 'ann', messageId: 'p1' }, order('o3')],
};
const ALL = ['o1', 'o2', 'o3', 'p1'];

/** Fails a record as often as told, then keeps it. */
const failing = (times: Readonly<Record<string, number>>, fate: Fate = 'throttled'): Weather => {
  const left = new Map(Object.entries(times));
  const record = (messageId: string): Fate => {
    const count = left.get(messageId) ?? 0;
    left.set(messageId, count - 1);
    return count > 0 ? fate : 'kept';
  };
  return { ...FAIR, record };
};
const unavailable = {
  status: 503,
  headers: { 'retry-after': '1' },
  body: { error: { code: 'unavailable', message: expect.any(String) as string } },
};

describe('200 is said only when every event is in a stream', () => {
  test.each(['throttled', 'failed'] as const)(
    'records that are %s are sent again, and they alone, within the request',
    async (fate) => {
      const { stage, kept, puts } = stageOnKinesis(failing({ o2: 2, o3: 1 }, fate));
      const reply = await stage.collect('batch', batch);

      expect(reply).toEqual({ status: 200, body: { success: true } });
      expect(kept().sort()).toEqual(ALL);
      expect(puts.sort((a, b) => a - b)).toEqual([1, 1, 2, 3]);
    },
  );

  test('a throttled call is made again', async () => {
    const fates: CallFate[] = ['throttled', 'lost', 'throttled'];
    const { stage, kept } = stageOnKinesis({ ...FAIR, call: () => fates.shift() ?? 'answered' });

    expect((await stage.collect('batch', batch)).status).toBe(200);
    expect(kept().sort()).toEqual(ALL);
  });

  test('one record that never gets in makes it a 503, nothing counted, and the lot is safe to send again', async () => {
    const { stage, change, kept, fold } = stageOnKinesis(failing({ o2: Infinity }));
    expect(await stage.collect('batch', batch)).toEqual(unavailable);
    expect(kept().sort()).toEqual(['o1', 'o3', 'p1']);
    expect(stage.meter.sum('EventsAccepted')).toBe(0);

    change(FAIR);
    expect((await stage.collect('batch', batch)).status).toBe(200);
    expect(await fold()).toEqual([null, null]);
    const { body } = await stage.profile('u:ann');
    expect(body).toMatchObject({
      orders: { count: 3, totals: { EUR: 3_000 } },
      checkout: { payment: { pix: { uses: 3 } } },
    });
  });

  test('a record without a result is not taken for durable', async () => {
    const { stage } = stageOnKinesis({ ...FAIR, record: () => 'no result' });
    expect(await stage.collect('batch', batch)).toEqual(unavailable);
  });

  test('one event by itself is held to the same', async () => {
    const { stage, change } = stageOnKinesis(failing({ o1: Infinity }));
    expect(await stage.collect('track', order('o1'))).toEqual(unavailable);
    change(FAIR);
    expect(await stage.collect('track', order('o1'))).toEqual({ status: 200, body: { success: true } });
  });

  test('a bad event beside a throttled one waits for the same answer', async () => {
    const { stage } = stageOnKinesis(failing({ o1: Infinity }));
    const mixed = { batch: [order('o1'), { type: 'track', userId: 'ann' }] };
    expect(await stage.collect('batch', mixed)).toEqual(unavailable);
  });
});

test('in any weather an answer of 200 means all, and sending until 200 counts each event once', async () => {
  const fate = fc.constantFrom<Fate>('kept', 'kept', 'throttled', 'failed', 'no result');
  const callFate = fc.constantFrom<CallFate>(
    'answered',
    'answered',
    'throttled',
    'lost',
    'kept, but the answer lost',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(fate),
      fc.infiniteStream(callFate),
      fc.integer({ min: 1, max: 60 }),
      async (fates, callFates, storm) => {
        let left = storm;
        const { stage, kept, fold } = stageOnKinesis({
          call: () => (left-- > 0 ? callFates.next().value : 'answered'),
          record: () => (left > 0 ? fates.next().value : 'kept'),
        });
        let status = 0;
        for (let attempt = 0; status !== 200 && attempt < 20; attempt++) {
          ({ status } = await stage.collect('batch', batch));
          if (status !== 200) expect(status).toBe(503);
        }
        expect(status).toBe(200);
        expect([...new Set(kept())].sort()).toEqual(ALL);

        expect(await fold()).toEqual([null, null]);
        const { body } = await stage.profile('u:ann');
        expect(body).toMatchObject({
          orders: { count: 3, totals: { EUR: 3_000 } },
          checkout: { payment: { pix: { uses: 3 } } },
        });
      },
    ),
    { numRuns: 200 },
  );
});
