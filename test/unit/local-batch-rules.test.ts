import fc from 'fast-check';
import { type BatchPolicy, judge, laneOf, splitExpired, type Work } from '../../local/batch-rules.ts';
import { BatchQueue } from '../../local/batch-queue.ts';
import { startable } from '../../local/shard-order.ts';
import { ShardProgress } from '../../local/shard-progress.ts';

const record = (n: number, arrivedAt = 0) => ({ sequence: String(n), partitionKey: `k${n % 3}`, arrivedAt });
const records = (count: number) => Array.from({ length: count }, (_, n) => record(n));
const work = (count: number, retries = 0) => ({ records: records(count), retries });
const policy: BatchPolicy = { bisect: true, maxAgeSeconds: -1, maxRetries: -1, partialResponses: true };
const reply = (...failed: unknown[]) => ({
  ok: true as const,
  payload: JSON.stringify({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }),
});
const sizes = (next: readonly Work<ReturnType<typeof record>>[]) =>
  next.map((one) => [one.records.length, one.retries]);

describe('what follows a function call', () => {
  it.each([
    ['an empty list', reply()],
    ['null', { ok: true as const, payload: 'null' }],
    ['an empty object', { ok: true as const, payload: '{}' }],
    ['no list', { ok: true as const, payload: '{"batchItemFailures":null}' }],
  ])('%s means success', (_, outcome) => {
    expect(judge(work(3), outcome, policy)).toEqual({ done: records(3), next: [], discarded: [] });
  });

  it('after a partial failure it goes on from the lowest failed record', () => {
    const verdict = judge(work(5), reply('3', '2'), policy);
    expect(verdict.done.map(({ sequence }) => sequence)).toEqual(['0', '1']);
    expect(verdict.next).toEqual([{ records: records(5).slice(2), retries: 1 }]);
  });

  it('after a failure the batch is halved, which spends no retry', () => {
    expect(sizes(judge(work(5, 2), { ok: false }, { ...policy, maxRetries: 2 }).next)).toEqual([
      [3, 2],
      [2, 2],
    ]);
  });

  it('a single record, or a batch that is not bisected, is tried again', () => {
    expect(sizes(judge(work(1), { ok: false }, policy).next)).toEqual([[1, 1]]);
    expect(sizes(judge(work(4), { ok: false }, { ...policy, bisect: false }).next)).toEqual([[4, 1]]);
  });

  it('what has spent its retries is given up', () => {
    expect(judge(work(1, 2), { ok: false }, { ...policy, maxRetries: 2 })).toEqual({
      done: [],
      next: [],
      discarded: records(1),
    });
    expect(judge(work(3, 2), reply('1'), { ...policy, maxRetries: 2 }).discarded).toHaveLength(2);
  });

  it.each([
    ['no such record', '77'],
    ['an empty id', ''],
    ['no id', null],
  ])('a reply with %s fails the whole batch', (_, id) => {
    expect(judge(work(4), reply(id), policy).done).toEqual([]);
    expect(sizes(judge(work(4), reply(id), policy).next)).toEqual([
      [2, 0],
      [2, 0],
    ]);
  });

  it('without partial responses a reply is not looked at', () => {
    expect(judge(work(2), reply('0'), { ...policy, partialResponses: false }).done).toHaveLength(2);
  });

  it('whatever fails, no record is lost, doubled or overtaken', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.oneof(fc.constant('throw' as const), fc.nat(20)), { maxLength: 40 }),
        (count, script) => {
          const queue: Work<ReturnType<typeof record>>[] = [work(count)];
          const settled: string[] = [];
          let step = 0;
          for (let one = queue.shift(); one; one = queue.shift()) {
            const move = script[step++];
            const failing = typeof move === 'number' ? one.records[move]?.sequence : undefined;
            const outcome =
              move === 'throw' ? { ok: false as const } : failing === undefined ? reply() : reply(failing);
            const verdict = judge(one, outcome, { ...policy, maxRetries: 3 });
            for (const { sequence } of [...verdict.done, ...verdict.discarded]) settled.push(sequence);
            queue.unshift(...verdict.next);
          }
          expect(settled).toEqual(records(count).map(({ sequence }) => sequence));
        },
      ),
    );
  });
});

describe('age and order', () => {
  it('records beyond the age are sorted out', () => {
    const old = [record(0, 0), record(1, 5_000)];
    expect(splitExpired(old, { ...policy, maxAgeSeconds: 10 }, 12_000)).toEqual({
      expired: [old[0]],
      fresh: [old[1]],
    });
    expect(splitExpired(old, policy, 1e12).fresh).toEqual(old);
  });

  it('a partition key stays in one of the concurrent batches', () => {
    const lanes = Array.from({ length: 200 }, (_, n) => laneOf(`k${n}`, 4));
    expect(new Set(lanes)).toEqual(new Set([0, 1, 2, 3]));
    expect(lanes).toEqual(Array.from({ length: 200 }, (_, n) => laneOf(`k${n}`, 4)));
    expect(laneOf('any', 1)).toBe(0);
  });

  it('the checkpoint passes no record that is not done', () => {
    const progress = new ShardProgress();
    const [a, b, c] = records(3);
    progress.begin([a!, b!]);
    progress.begin([c!]);
    progress.finish([b!, c!]);
    expect([progress.checkpoint, progress.pending]).toEqual([undefined, 1]);
    progress.finish([a!]);
    expect([progress.checkpoint, progress.pending, progress.oldestArrival]).toEqual(['2', 0, undefined]);
  });

  it('children are read after all their parents', () => {
    const shards = [
      { id: 'a', parents: ['gone'] },
      { id: 'b', parents: [] },
      { id: 'ab', parents: ['a', 'b'] },
    ];
    const ids = (finished: string[], begun: string[]) =>
      startable(shards, new Set(begun), (id) => finished.includes(id)).map(({ id }) => id);
    expect(ids([], [])).toEqual(['a', 'b']);
    expect(ids(['a'], ['a', 'b'])).toEqual([]);
    expect(ids(['a', 'b'], ['a', 'b'])).toEqual(['ab']);
  });
});

describe('a batch', () => {
  const item = (data: string) => ({ data });

  it('without a window is what is there', async () => {
    const queue = new BatchQueue<{ data: string }>();
    queue.push(item('a'));
    queue.push(item('b'));
    expect(await queue.take({ records: 10, windowMs: 0 })).toHaveLength(2);
  });

  it('with a window waits for more, but only until it is full', async () => {
    const queue = new BatchQueue<{ data: string }>();
    const full = queue.take({ records: 2, windowMs: 60_000 });
    queue.push(item('a'));
    setTimeout(() => queue.push(item('b')), 5);
    expect(await full).toHaveLength(2);
    queue.push(item('c'));
    expect(await queue.take({ records: 2, windowMs: 20 })).toHaveLength(1);
  });

  it('stays within what a function may be given', async () => {
    const queue = new BatchQueue<{ data: string }>();
    for (let n = 0; n < 3; n++) queue.push(item('x'.repeat(4_000_000)));
    expect(await queue.take({ records: 10, windowMs: 0 })).toHaveLength(1);
    expect(queue.size).toBe(2);
  });

  it('ends once the shard has ended', async () => {
    const queue = new BatchQueue<{ data: string }>();
    queue.push(item('a'));
    const last = queue.take({ records: 10, windowMs: 60_000 });
    queue.close();
    expect(await last).toHaveLength(1);
    expect(await queue.take({ records: 10, windowMs: 60_000 })).toBeUndefined();
  });
});
