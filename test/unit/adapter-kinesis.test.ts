import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  KinesisClient,
  KinesisServiceException,
  ListShardsCommand,
  ProvisionedThroughputExceededException,
  PutRecordsCommand,
  type PutRecordsCommandInput,
  type PutRecordsCommandOutput,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { kinesisEventLogReader } from '../../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { kinesisEventLog } from '../../shared/adapters/kinesis/kinesis-event-log.ts';
import { manualPauses } from '../../shared/adapters/memory/manual-pauses.ts';

const kinesis = mockClient(KinesisClient);
beforeEach(() => void kinesis.reset());

const unavailable = { name: 'LogUnavailable', code: 'log_unavailable' };
const $metadata = {};
const streams = { critical: 'critical-stream', bulk: 'bulk-stream' };
const client = new KinesisClient({ region: 'local' });
const logWith = (pauses = manualPauses()) => kinesisEventLog({ client, streams, pauses });
const entryOf = (data: string) => ({ partitionKey: `key of ${data}`, data });
const service = (name: string, httpStatusCode = 400) =>
  new KinesisServiceException({
    name,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode },
  });

/** A reply in which the records that hold `failing` data failed. */
function replyTo(input: PutRecordsCommandInput, failing: readonly string[] = []): PutRecordsCommandOutput {
  const Records = (input.Records ?? []).map(({ Data }, index) =>
    failing.includes(Buffer.from(Data ?? []).toString())
      ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' }
      : { SequenceNumber: `4966${index}`, ShardId: 'shardId-000000000000' },
  );
  return { Records, FailedRecordCount: failing.length, $metadata };
}

/** What each call sent, as text. */
function sent(): readonly (readonly string[])[] {
  return kinesis
    .commandCalls(PutRecordsCommand)
    .map((call) => (call.args[0].input.Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString()));
}

describe('appending', () => {
  test('entries go to the stream of their lane, in order, in one call', async () => {
    kinesis.on(PutRecordsCommand).callsFake((input: PutRecordsCommandInput) => replyTo(input));

    await logWith().append('bulk', [entryOf('página'), entryOf('two')]);

    expect(kinesis.commandCalls(PutRecordsCommand).map((call) => call.args[0].input)).toEqual([
      {
        StreamName: 'bulk-stream',
        Records: [
          { PartitionKey: 'key of página', Data: Buffer.from('página') },
          { PartitionKey: 'key of two', Data: Buffer.from('two') },
        ],
      },
    ]);
  });

  test('nothing to append, no call', async () => {
    await logWith().append('bulk', []);
    expect(kinesis.calls()).toEqual([]);
  });

  test('a call takes 500 records', async () => {
    kinesis.on(PutRecordsCommand).callsFake((input: PutRecordsCommandInput) => replyTo(input));
    await logWith().append(
      'bulk',
      Array.from({ length: 1_001 }, (_, index) => entryOf(String(index))),
    );
    expect(sent().map((call) => call.length)).toEqual([500, 500, 1]);
    expect(sent().flat()).toEqual(Array.from({ length: 1_001 }, (_, index) => String(index)));
  });

  test('a call takes 5 MB, keys and multi-byte characters counted', async () => {
    kinesis.on(PutRecordsCommand).callsFake((input: PutRecordsCommandInput) => replyTo(input));
    const mebibyte = 'é'.repeat(512 * 1024);
    const entries = Array.from({ length: 6 }, () => ({ partitionKey: 'k', data: mebibyte }));
    await logWith().append('bulk', entries);
    expect(sent().map((call) => call.length)).toEqual([4, 2]);
  });

  test('only the records that failed are sent again, after a pause', async () => {
    let calls = 0;
    kinesis.on(PutRecordsCommand).callsFake((input: PutRecordsCommandInput) => {
      calls += 1;
      return replyTo(input, [['b', 'd'], ['d'], []][calls - 1]);
    });
    const pauses = manualPauses();

    await logWith(pauses).append('critical', ['a', 'b', 'c', 'd'].map(entryOf));

    expect(sent()).toEqual([['a', 'b', 'c', 'd'], ['b', 'd'], ['d']]);
    expect(pauses.slept).toHaveLength(2);
  });

  test('a record without a result is not taken for durable', async () => {
    kinesis
      .on(PutRecordsCommand)
      .resolvesOnce({ Records: [{ SequenceNumber: '1' }], FailedRecordCount: 0 })
      .callsFake((input: PutRecordsCommandInput) => replyTo(input));

    await logWith().append('critical', ['a', 'b'].map(entryOf));

    expect(sent()).toEqual([['a', 'b'], ['b']]);
  });

  test('records that go on failing make the log unavailable within the time given', async () => {
    kinesis.on(PutRecordsCommand).callsFake((input: PutRecordsCommandInput) => replyTo(input, ['b']));
    const pauses = manualPauses();

    await expect(
      logWith(pauses).append('critical', ['a', 'b'].map(entryOf), { timeoutMs: 2_000 }),
    ).rejects.toMatchObject(unavailable);

    expect(pauses.now()).toBeLessThanOrEqual(2_000);
    expect(sent().length).toBeGreaterThan(3);
  });

  test.each([
    ['a throttled call', new ProvisionedThroughputExceededException({ message: '', $metadata })],
    ['a fault of Kinesis', service('InternalFailure', 500)],
    ['a lost reply', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ])('after %s everything is sent again', async (_, error) => {
    kinesis
      .on(PutRecordsCommand)
      .rejectsOnce(error)
      .callsFake((input: PutRecordsCommandInput) => replyTo(input));

    await logWith().append('critical', ['a', 'b'].map(entryOf));

    expect(sent()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test.each(['ResourceNotFoundException', 'AccessDeniedException', 'ValidationException'])(
    '%s is not tried again',
    async (name) => {
      kinesis.on(PutRecordsCommand).rejects(service(name));
      await expect(logWith().append('critical', [entryOf('a')])).rejects.toMatchObject(unavailable);
      expect(sent()).toHaveLength(1);
    },
  );

  test('a call that does not answer is waited for no longer than the time given, and not followed by others', async () => {
    let answer: (reply: PutRecordsCommandOutput) => void = () => undefined;
    kinesis.on(PutRecordsCommand).callsFake(
      () =>
        new Promise<PutRecordsCommandOutput>((resolve) => {
          answer = resolve;
        }),
    );
    const entries = Array.from({ length: 501 }, (_, index) => entryOf(String(index)));
    const start = performance.now();

    await expect(logWith().append('critical', entries, { timeoutMs: 30 })).rejects.toMatchObject(unavailable);
    expect(performance.now() - start).toBeLessThan(1_000);

    answer(replyTo({ StreamName: 'critical-stream', Records: [] }));
    await new Promise(setImmediate);
    expect(sent()).toHaveLength(1);
  });
});

describe('reading back', () => {
  const readerWith = (pauses = manualPauses()) => kinesisEventLogReader({ client, streams, pauses });
  const recordOf = (sequence: string, arrivedAt = 0) => ({
    SequenceNumber: sequence,
    PartitionKey: 'subject-1',
    Data: Buffer.from(`data ${sequence}`),
    ApproximateArrivalTimestamp: new Date(arrivedAt),
  });
  const sequencesOf = async (pauses = manualPauses()) => {
    const sequences: string[] = [];
    for await (const { sequence } of readerWith(pauses).read('critical')) sequences.push(sequence);
    return sequences;
  };
  const oneShard = () => {
    kinesis.on(ListShardsCommand).resolves({ Shards: [shardOf('shardId-1')] });
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: 'iterator' });
  };
  const shardOf = (ShardId: string, ParentShardId?: string, AdjacentParentShardId?: string) => ({
    ShardId,
    ...(ParentShardId && { ParentShardId }),
    ...(AdjacentParentShardId && { AdjacentParentShardId }),
    HashKeyRange: { StartingHashKey: '0', EndingHashKey: '1' },
    SequenceNumberRange: { StartingSequenceNumber: '1' },
  });

  test('shards are listed page by page and read parents first, from their beginning', async () => {
    kinesis
      .on(ListShardsCommand, { StreamName: 'critical-stream' })
      .resolves({ Shards: [shardOf('merged', 'left', 'right'), shardOf('left', 'root')], NextToken: 'more' })
      .on(ListShardsCommand, { NextToken: 'more' })
      .resolves({ Shards: [shardOf('right', 'root'), shardOf('root', 'long gone')] });
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: 'iterator' });
    kinesis.on(GetRecordsCommand).resolves({ Records: [] });

    await sequencesOf();

    const asked = kinesis.commandCalls(GetShardIteratorCommand).map((call) => call.args[0].input);
    expect(asked.map(({ ShardId }) => ShardId)).toEqual(['root', 'left', 'right', 'merged']);
    expect(new Set(asked.map(({ ShardIteratorType }) => ShardIteratorType))).toEqual(
      new Set(['TRIM_HORIZON']),
    );
  });

  test('a closed shard ends with its last page', async () => {
    oneShard();
    kinesis.on(GetRecordsCommand).resolves({ Records: [recordOf('1'), recordOf('2')] });
    const pauses = manualPauses();

    expect(await sequencesOf(pauses)).toEqual(['1', '2']);
    expect(pauses.slept).toEqual([]);
  });

  test('empty pages on the way do not end a shard', async () => {
    oneShard();
    const empty = { Records: [], NextShardIterator: 'next', MillisBehindLatest: 5_000 };
    let reads = 0;
    kinesis.on(GetRecordsCommand).callsFake(() => {
      reads += 1;
      if (reads < 10) return empty;
      if (reads === 10) return { ...empty, Records: [recordOf('1')] };
      return { ...empty, MillisBehindLatest: 0 };
    });

    expect(await sequencesOf()).toEqual(['1']);
    expect(reads).toBe(13);
  });

  test('an expired iterator is replaced by one behind the last record read', async () => {
    oneShard();
    kinesis
      .on(GetRecordsCommand)
      .resolvesOnce({ Records: [recordOf('7')], NextShardIterator: 'old' })
      .rejectsOnce(new ExpiredIteratorException({ message: '', $metadata }))
      .resolves({ Records: [recordOf('8')] });

    expect(await sequencesOf()).toEqual(['7', '8']);
    expect(kinesis.commandCalls(GetShardIteratorCommand)[1]?.args[0].input).toEqual({
      StreamName: 'critical-stream',
      ShardId: 'shardId-1',
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: '7',
    });
  });

  test('throttles are waited out', async () => {
    oneShard();
    kinesis
      .on(GetRecordsCommand)
      .rejectsOnce(new ProvisionedThroughputExceededException({ message: '', $metadata }))
      .resolves({ Records: [recordOf('1')] });
    const pauses = manualPauses();

    expect(await sequencesOf(pauses)).toEqual(['1']);
    expect(pauses.slept).toHaveLength(1);
  });

  test('a shard that is written to all the time is read to a little past the own start, and no further', async () => {
    oneShard();
    let arrivedAt = 0;
    kinesis.on(GetRecordsCommand).callsFake(() => {
      arrivedAt += 1_000;
      return {
        Records: [recordOf(String(arrivedAt), arrivedAt)],
        NextShardIterator: 'next',
        MillisBehindLatest: 0,
      };
    });

    expect((await sequencesOf()).at(-1)).toBe('10000');
  });

  test('a fault that stays makes the log unavailable', async () => {
    oneShard();
    kinesis.on(GetRecordsCommand).rejects(service('InternalFailure', 500));
    await expect(sequencesOf()).rejects.toMatchObject(unavailable);
  });

  describe('by span', () => {
    const spanOf = async (span: { after?: string; since?: number; until: number }) => {
      const sequences: string[] = [];
      for await (const page of readerWith().readShard('critical', 'shardId-1', span))
        sequences.push(...page.map(({ sequence }) => sequence));
      return sequences;
    };
    const iteratorsAsked = () =>
      kinesis.commandCalls(GetShardIteratorCommand).map((call) => call.args[0].input);

    test('a record that the stream has let go of is gone on from the oldest that it holds', async () => {
      oneShard();
      kinesis
        .on(GetShardIteratorCommand, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' })
        .rejects(new InvalidArgumentException({ message: 'StartingSequenceNumber is invalid', $metadata }));
      kinesis.on(GetRecordsCommand).resolves({ Records: [recordOf('9')] });

      expect(await spanOf({ after: '3', until: 0 })).toEqual(['9']);
      expect(iteratorsAsked()).toEqual([
        {
          StreamName: 'critical-stream',
          ShardId: 'shardId-1',
          ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
          StartingSequenceNumber: '3',
        },
        { StreamName: 'critical-stream', ShardId: 'shardId-1', ShardIteratorType: 'TRIM_HORIZON' },
      ]);
    });

    test('a time is a short cut: where there is none, the shard is read from its beginning', async () => {
      oneShard();
      kinesis
        .on(GetShardIteratorCommand, { ShardIteratorType: 'AT_TIMESTAMP' })
        .rejects(new Error('socket hang up'));
      kinesis.on(GetRecordsCommand).resolves({ Records: [recordOf('1', 10), recordOf('2', 20)] });

      expect(await spanOf({ since: 15, until: 30 })).toEqual(['2']);
      expect(iteratorsAsked()).toMatchObject([
        { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(15) },
        { ShardIteratorType: 'TRIM_HORIZON' },
      ]);
    });

    test('half of what a shard bears is left to its other readers', async () => {
      oneShard();
      const pauses = manualPauses();
      const large = { ...recordOf('1'), Data: Buffer.alloc(900_000, 'x') };
      kinesis
        .on(GetRecordsCommand)
        .resolvesOnce({ Records: [large], NextShardIterator: 'next' })
        .resolvesOnce({ Records: [recordOf('2')], NextShardIterator: 'next' })
        .resolves({ Records: [recordOf('3')] });

      for await (const _ of readerWith(pauses).readShard('critical', 'shardId-1', { until: 5_000 }));

      // 1 MB a second, 2.5 calls a second; and behind the last page nobody waits.
      expect(pauses.slept).toEqual([900, 400]);
      for (const call of kinesis.commandCalls(GetRecordsCommand))
        expect(call.args[0].input.Limit).toBe(1_000);
    });

    test('what takes its time over a page does not wait on top of it', async () => {
      oneShard();
      const pauses = manualPauses();
      kinesis
        .on(GetRecordsCommand)
        .resolvesOnce({ Records: [recordOf('1')], NextShardIterator: 'next' })
        .resolves({ Records: [recordOf('2')] });
      for await (const _ of readerWith(pauses).readShard('critical', 'shardId-1', { until: 5_000 }))
        await pauses.sleep(1_000);
      expect(pauses.slept).toEqual([1_000, 1_000]);
    });

    test('a quiet shard is left as soon as the reply is from behind the span', async () => {
      oneShard();
      const pauses = manualPauses();
      await pauses.sleep(60_000);
      kinesis
        .on(GetRecordsCommand)
        .resolvesOnce({ Records: [], NextShardIterator: 'next', MillisBehindLatest: 50_000 })
        .resolves({ Records: [], NextShardIterator: 'next', MillisBehindLatest: 30_000 });

      const pages = readerWith(pauses).readShard('critical', 'shardId-1', { until: 20_000 });
      expect((await pages[Symbol.asyncIterator]().next()).done).toBe(true);
      expect(kinesis.commandCalls(GetRecordsCommand)).toHaveLength(2);
    });
  });
});
