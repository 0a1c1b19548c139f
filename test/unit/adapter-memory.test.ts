import { memoryEventLog } from '../../shared/adapters/memory/memory-event-log.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../shared/adapters/memory/memory-meter.ts';
import { memoryProfileStore } from '../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import { manualClock } from '../../shared/adapters/memory/manual-clock.ts';

const item = { key: 'subject-1', item: 'checkout', v: 1, state: '{}' } as const;
const unavailable = { name: 'StoreUnavailable' };

describe('a store told to fail', () => {
  test('fails before it applies, as often as told', async () => {
    const store = memoryProfileStore();
    store.failNext('before', 2);

    await expect(store.write(item)).rejects.toMatchObject(unavailable);
    await expect(store.query('subject-1')).rejects.toMatchObject(unavailable);

    expect(store.items()).toEqual([]);
    expect(await store.write(item)).toBe('written');
  });

  test('or after it applied: the reply alone is lost', async () => {
    const store = memoryProfileStore();
    store.failNext('after');

    await expect(store.write(item)).rejects.toMatchObject(unavailable);

    expect(store.items()).toEqual([item]);
    expect(await store.write(item)).toBe('conflict');
  });

  test('or does not answer until its signal aborts', async () => {
    const store = memoryProfileStore();
    store.failNext('stall');
    await expect(store.query('subject-1', { signal: AbortSignal.timeout(10) })).rejects.toMatchObject(
      unavailable,
    );
    expect(await store.query('subject-1')).toEqual([]);
  });
});

test('a log told to fail after applying has the entries all the same', async () => {
  const log = memoryEventLog();
  log.failNext('after');
  await expect(log.append('bulk', [{ partitionKey: 'k', data: 'd' }])).rejects.toMatchObject({
    name: 'LogUnavailable',
  });
  expect(log.records('bulk').map(({ data }) => data)).toEqual(['d']);
});

test('positions in memory grow in length, as they may on Kinesis', async () => {
  const log = memoryEventLog();
  await log.append(
    'bulk',
    Array.from({ length: 4 }, (_, index) => ({ partitionKey: 'k', data: String(index) })),
  );
  expect(log.records('bulk').map(({ sequence }) => sequence)).toEqual(['8', '9', '10', '11']);
});

test('a quarantine told to fail says so', async () => {
  const quarantine = memoryQuarantine();
  quarantine.failNext('before');
  const entry = {
    id: 'a',
    code: 'c',
    reason: 'r',
    functionName: 'f',
    arrivedAt: 1,
    quarantinedAt: 2,
    bytes: '',
  };
  await expect(quarantine.keep([entry])).rejects.toMatchObject({ name: 'QuarantineUnavailable' });
  expect(quarantine.entries()).toEqual([]);
});

describe('the meter in memory', () => {
  test('sums a metric over the dimensions named', () => {
    const meter = memoryMeter();
    meter.record('EventsApplied', 2, { Lane: 'bulk' });
    meter.record('EventsApplied', 3, { Lane: 'critical' });
    expect([meter.sum('EventsApplied'), meter.sum('EventsApplied', { Lane: 'bulk' })]).toEqual([5, 2]);
  });

  test('tells what a handler forgot to flush', () => {
    const meter = memoryMeter();
    meter.record('EventsRejected', 1, {});
    expect(meter.unflushed).toHaveLength(1);
    meter.flush();
    expect(meter.unflushed).toEqual([]);
    expect(meter.recorded).toHaveLength(1);
  });

  test('takes no dimensions but those of the table', () => {
    const meter = memoryMeter();
    const stray: Readonly<Record<'Lane', string>> = Object.freeze({ Lane: 'bulk', User: 'ana' });
    expect(() => meter.record('EventsApplied', 1, stray)).toThrow('[Lane]');
  });
});

test('the log in memory keeps every line', () => {
  const log = memoryLog();
  const cause = new Error('why');
  log.info('one');
  log.error('two', { lane: 'bulk' }, cause);
  expect(log.lines).toEqual([
    { level: 'info', message: 'one', fields: {} },
    { level: 'error', message: 'two', fields: { lane: 'bulk' }, cause },
  ]);
});

test('a manual clock moves when told', () => {
  const clock = manualClock(5);
  clock.advance(10);
  const later = clock.now();
  clock.set(3);
  expect([later, clock.now()]).toEqual([15, 3]);
});
