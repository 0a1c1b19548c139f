import { memoryAnnouncements } from '../../shared/adapters/memory/memory-announcements.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import type { SegmentsConfig } from '../../shared/domain/segments/segment-source.ts';
import { decodeStandings, encodeStandings, type Crossing } from '../../shared/domain/segments/standing.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { store as config } from '../../store.config.ts';
import {
  AS_BROWSER,
  failWrites,
  itemOf,
  keyOf,
  memoryStage,
  NOW,
  type MemoryStage,
} from '../memory-stage.ts';

const DAY = 86_400_000;

type Named = SegmentsConfig['named'];
const BUYER: Named = {
  buyer: {
    description: 'Bought within 30 days.',
    when: { 'orders.lastAt': { $within: '30d' } },
    announce: true,
  },
};
const LOOKER: Named = {
  looker: {
    description: 'Looks and has not bought.',
    when: { $count: { event: 'page', is: { $gte: 1 } }, 'orders.count': 0 },
    announce: true,
  },
};

const segmentsOf = (named: Named) => segmentsOfConfig({ ...config.segments, named });

function announcingStage(named: Named = BUYER) {
  const announcements = memoryAnnouncements();
  const announcing = { segments: segmentsOf(named), announcements };
  const stage = memoryStage({ announcing });
  return {
    stage,
    announcements,
    /** As the next deployment has it. */
    redefine: (next: Named) => void (announcing.segments = segmentsOf(next)),
    told: () =>
      announcements
        .told()
        .map(({ subject, segment, state, because }) => ({ subject, segment, state, because })),
  };
}

const bought = (userId: string, order: string) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  messageId: order,
  timestamp: new Date(NOW).toISOString(),
  properties: { order_id: order, total: 5, currency: 'EUR', payment_method: 'pix' },
});
const page = (who: object, messageId: string) => ({ type: 'page', ...who, messageId });
const ANN = { subject: keyOf('u:ann'), segment: 'buyer' };

test('whoever enters a segment is told of once, and again with another id when they leave it', async () => {
  const { stage, announcements, told } = announcingStage();
  await stage.learn([bought('ann', 'o1'), page({ userId: 'bob' }, 'p1')]);
  await stage.learn([bought('ann', 'o2')]);
  stage.clock.advance(40 * DAY);
  await stage.learn([page({ userId: 'ann' }, 'p2')]);

  expect(told()).toEqual([
    { ...ANN, state: 'in', because: 'events' },
    { ...ANN, state: 'out', because: 'events' },
  ]);
  const [entered, left] = announcements.told();
  expect(entered).toMatchObject({ type: 'membership', at: new Date(NOW).toISOString() });
  expect(left!.version).toBeGreaterThan(entered!.version);
  expect(left!.id).not.toBe(entered!.id);
});

test('a crossing that needs facts of both lanes is told, whichever comes last', async () => {
  const { stage, told } = announcingStage(LOOKER);
  await stage.learn([page({ userId: 'ann' }, 'p1')]);
  await stage.learn([bought('ann', 'o1')]);

  expect(told().map(({ state }) => state)).toEqual(['in', 'out']);
});

test('without a crossing nothing is written but once of each person', async () => {
  const { stage } = announcingStage();
  await stage.learn([page({ userId: 'bob' }, 'p1')]);
  await stage.learn([page({ userId: 'bob' }, 'p2')]);

  expect(itemOf(stage, 'u:bob', 'membership')).toMatchObject({ v: 1 });
});

test('a stage that announces nothing judges nobody before somebody reads', async () => {
  const stage = memoryStage();
  let queries = 0;
  const { query } = stage.store;
  stage.store.query = (...of) => (queries++, query(...of));
  await stage.learn([bought('ann', 'o1'), page({ userId: 'ann' }, 'p1')]);

  expect(queries).toBe(0);
  expect(itemOf(stage, 'u:ann', 'membership')).toBeUndefined();
});

test.each(['before', 'after'] as const)(
  'if it cannot be told (%s it is durable), the record stays, and the next delivery tells the very same',
  async (mode) => {
    const { stage, announcements, told } = announcingStage();
    await stage.collect('batch', { batch: [bought('ann', 'o1')] });
    announcements.failNext(mode);

    expect(await stage.deliver('critical')).toBe(stage.eventLog.records('critical')[0]?.sequence);
    expect(await stage.deliver('critical')).toBeNull();
    expect(told()).toHaveLength(mode === 'before' ? 1 : 2);
    expect(new Set(announcements.told().map((one) => JSON.stringify(one))).size).toBe(1);
    expect((await stage.profile('u:ann')).body).toMatchObject({ orders: { count: 1 } });
  },
);

test('after a crash between the facts and the judgement, the redelivery judges', async () => {
  const { stage, told } = announcingStage();
  await stage.collect('batch', { batch: [bought('ann', 'o1')] });
  let calls = 0;
  failWrites(stage, ({ item }) => item === 'membership' && ++calls === 1 && 'before');

  expect(await stage.deliver('critical')).not.toBeNull();
  expect(told()).toEqual([]);
  expect(await stage.deliver('critical')).toBeNull();
  expect(told()).toEqual([{ ...ANN, state: 'in', because: 'events' }]);
});

test('a write of a first try that lands late does not outlive the second', async () => {
  const { stage, told } = announcingStage(LOOKER);
  await stage.learn([bought('ann', 'o1')]);
  // The first try has seen her before she bought: what it wants to write is on its way.
  const stored = itemOf(stage, 'u:ann', 'membership')!;
  const crossing: Crossing = {
    segment: 'looker',
    isIn: true,
    at: NOW,
    version: stored.v + 1,
    because: 'events',
  };
  const late: StoredItem = {
    ...stored,
    v: stored.v + 1,
    state: encodeStandings({ ...decodeStandings(stored), untold: [crossing] }),
  };
  await stage.foldRecords('critical', stage.eventLog.records('critical'));

  expect(await stage.store.write(late)).toBe('conflict');
  expect(told()).toEqual([]);
});

test('what another lane wrote while one was judging is seen before the judgement stands', async () => {
  const { stage, told } = announcingStage(LOOKER);
  await stage.learn([{ ...page({ userId: 'ann' }, 'p0'), type: 'screen' }]);
  await stage.collect('batch', { batch: [page({ userId: 'ann' }, 'p1'), bought('ann', 'o1')] });
  const { write } = stage.store;
  let isRacing = true;
  stage.store.write = async (item) => {
    if (item.item === 'membership' && isRacing) {
      isRacing = false;
      // The order comes, and is judged, before what was found without it is written.
      await stage.deliver('critical');
    }
    return write(item);
  };
  await stage.deliver('bulk');

  expect(told().at(-1)?.state ?? 'out').toBe('out');
});

describe('a segment that means something else now', () => {
  const CHANGED: Named = { buyer: { ...BUYER.buyer!, when: { 'orders.count': { $gte: 2 } } } };

  test('is told of as such, where it changes who is in', async () => {
    const { stage, redefine, told } = announcingStage();
    await stage.learn([bought('ann', 'o1')]);
    redefine(CHANGED);
    await stage.learn([page({ userId: 'ann' }, 'p1')]);
    await stage.learn([bought('ann', 'o2')]);

    expect(told()).toEqual([
      { ...ANN, state: 'in', because: 'events' },
      { ...ANN, state: 'out', because: 'definition' },
      { ...ANN, state: 'in', because: 'events' },
    ]);
  });

  test('and described in other words it is still the same', async () => {
    const { stage, redefine, told } = announcingStage();
    await stage.learn([bought('ann', 'o1')]);
    redefine({ buyer: { ...BUYER.buyer!, description: 'Whoever bought lately.' } });
    await stage.learn([page({ userId: 'ann' }, 'p1')]);

    expect(told()).toHaveLength(1);
    expect(itemOf(stage, 'u:ann', 'membership')).toMatchObject({ v: 2 });
  });

  test('a segment it refers to counts too', () => {
    const nested: Named = {
      buyer: BUYER.buyer!,
      again: { description: '', when: { $segment: 'buyer' }, announce: true },
    };
    const name = (named: Named) => segmentsOf(named).announced.get('again');
    expect(name(nested)).not.toBe(name({ ...nested, ...CHANGED }));
    expect(name(nested)).toBe(name({ ...nested, buyer: { ...BUYER.buyer!, description: 'x' } }));
  });
});

test('a segment that is announced from today on tells of those who are in it already as such', async () => {
  const { stage, redefine, told } = announcingStage(LOOKER);
  await stage.learn([bought('ann', 'o1')]);
  redefine({ ...LOOKER, ...BUYER });
  await stage.learn([page({ userId: 'ann' }, 'p1'), bought('bob', 'o2')]);

  expect(told()).toEqual([
    { subject: keyOf('u:bob'), segment: 'buyer', state: 'in', because: 'events' },
    { ...ANN, state: 'in', because: 'definition' },
  ]);
});

test('in a stage that begins to announce, what was known of somebody before is not told as news', async () => {
  const { stage, redefine, told } = announcingStage({});
  await stage.learn([bought('ann', 'o1')]);
  stage.store.lose({ key: keyOf('u:ann'), item: 'membership' });
  redefine(BUYER);
  stage.clock.advance(2 * 3_600_000);
  await stage.learn([page({ userId: 'ann' }, 'p1')]);

  expect(told()).toEqual([{ ...ANN, state: 'in', because: 'definition' }]);
});

test('whoever was erased and comes again enters like anybody who is new', async () => {
  const { stage, told } = announcingStage();
  await stage.learn([page({ userId: 'ann' }, 'p1')]);
  await stage.learn([page({ userId: 'ann' }, 'p2')]);
  const stored = itemOf(stage, 'u:ann', 'membership')!;
  stage.store.tamper({ ...stored, v: stored.v + 1, state: '{}', erasedAt: NOW });
  await stage.learn([bought('ann', 'o1')]);

  expect(told()).toEqual([{ ...ANN, state: 'in', because: 'events' }]);
  // Erased as of then it stays: asked for again as of the same time, nothing that is new is erased.
  expect(itemOf(stage, 'u:ann', 'membership')?.erasedAt).toBe(NOW);
});

test('one that is announced no more is forgotten, and nobody has left it', async () => {
  const { stage, redefine, told } = announcingStage({ ...BUYER, ...LOOKER });
  await stage.learn([bought('ann', 'o1')]);
  redefine(LOOKER);
  await stage.learn([page({ userId: 'ann' }, 'p1')]);

  expect(told()).toEqual([{ ...ANN, state: 'in', because: 'events' }]);
  expect([...decodeStandings(itemOf(stage, 'u:ann', 'membership')).bySegment.keys()]).toEqual(['looker']);
});

test('a device that becomes somebody’s is nobody of its own any more, and what it knew counts for its user', async () => {
  const { stage, told } = announcingStage(LOOKER);
  await stage.learn([page({ anonymousId: 'phone' }, 'p1')]);
  await stage.learn([{ type: 'identify', userId: 'ann', anonymousId: 'phone', messageId: 'i1' }]);
  await stage.learn([bought('ann', 'o1')]);

  const [phone, ann] = ['a:phone', 'u:ann'].map((subject) => ({
    subject: keyOf(subject),
    segment: 'looker',
  }));
  expect(told()).toEqual([
    { ...phone, state: 'in', because: 'events' },
    { ...ann, state: 'in', because: 'events' },
    { ...phone, state: 'out', because: 'link' },
    { ...ann, state: 'out', because: 'events' },
  ]);
});

test('what a linked device does is told of its user', async () => {
  const { stage, told } = announcingStage(LOOKER);
  await stage.learn([{ type: 'identify', userId: 'ann', anonymousId: 'phone', messageId: 'i1' }]);
  await stage.learn([page({ anonymousId: 'phone' }, 'p1')]);

  expect(told()).toEqual([{ subject: keyOf('u:ann'), segment: 'looker', state: 'in', because: 'events' }]);
});

test('a profile says since when somebody is in a segment that is announced', async () => {
  const { stage } = announcingStage({
    'high-value': { ...config.segments.named['high-value']!, announce: true },
  });
  await stage.learn([bought('ann', 'o1'), bought('ann', 'o2'), bought('ann', 'o3')]);
  stage.clock.advance(DAY);

  expect((await stage.profile('u:ann')).body).toMatchObject({
    enteredAt: { 'high-value': new Date(NOW).toISOString() },
  });
});

test('what has piled up untold is told before more is looked for', async () => {
  const { stage, announcements } = announcingStage();
  await stage.learn([bought('ann', 'o1')]);
  const stored = itemOf(stage, 'u:ann', 'membership')!;
  const untold = Array.from({ length: 40 }, (_, index): Crossing => ({
    segment: 'buyer',
    isIn: index % 2 === 1,
    at: NOW,
    version: 100 + index,
    because: 'events',
  }));
  stage.store.tamper({ ...stored, v: 140, state: encodeStandings({ ...decodeStandings(stored), untold }) });
  await stage.learn([bought('ann', 'o2')]);

  expect(announcements.told()).toHaveLength(41);
  expect(decodeStandings(itemOf(stage, 'u:ann', 'membership')).untold).toEqual([]);
});

test('an item that cannot be read blocks nobody: the facts stand, and the log says so', async () => {
  const { stage } = announcingStage();
  await stage.learn([bought('ann', 'o1')]);
  stage.store.tamper({ ...itemOf(stage, 'u:ann', 'membership')!, state: '{' });
  await stage.learn([bought('ann', 'o2')]);

  expect(JSON.stringify(stage.log.lines)).toContain('memberships cannot be judged');
});

test('claims of the public make no item of memberships', async () => {
  const { stage } = announcingStage();
  await stage.learn([{ ...bought('ann', 'o1'), event: 'Payment Info Entered' }], AS_BROWSER);

  expect(stage.store.items().some(({ item }) => item === 'membership')).toBe(false);
});

describe('of somebody who is erased, no segment is left', () => {
  const traceOf = (stage: MemoryStage) => {
    const { bySegment, untold } = decodeStandings(itemOf(stage, 'u:ann', 'membership'));
    return [...[...bySegment.values()].filter(({ isIn }) => isIn), ...untold];
  };

  test('that was told before', async () => {
    const { stage } = announcingStage();
    await stage.learn([bought('ann', 'o1')]);
    await stage.erase('u:ann');

    expect(traceOf(stage)).toEqual([]);
  });

  test('that was just about to be written for the first time', async () => {
    const { stage, told } = announcingStage();
    const { write } = stage.store;
    let isErased = false;
    stage.store.write = async (item) => {
      if (item.item === 'membership' && !isErased) {
        isErased = true;
        await stage.erase('u:ann');
      }
      return await write(item);
    };
    await stage.learn([bought('ann', 'o1')]);

    expect(traceOf(stage)).toEqual([]);
    expect(told()).toEqual([]);
  });

  test('by what comes late and changes nothing any more', async () => {
    const { stage, told } = announcingStage();
    await stage.erase('u:ann');
    await stage.learn([bought('ann', 'o1')]);

    expect(traceOf(stage)).toEqual([]);
    expect(told()).toEqual([]);
  });
});
