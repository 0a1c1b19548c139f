import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { keyOf, memoryStage, type MemoryStage } from '../memory-stage.ts';

const DAY = 86_400_000;
const PHONE = { anonymousId: 'phone' };
const shown = (who: object, messageId = 's1', checkout_id = 'c1') => ({
  type: 'track',
  event: 'Checkout Decision Shown',
  ...who,
  messageId,
  properties: {
    decision_id: decisionIdOf(messageId, keyOf),
    checkout_id,
    slots: {
      payment: { source: 'regional', order: ['pix', 'card'] },
      shipping: { source: 'default', order: ['post'] },
    },
  },
});
const bought = (who: object, messageId = 'o1', more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  ...who,
  messageId,
  properties: {
    order_id: messageId,
    checkout_id: 'c1',
    total: 5,
    currency: 'EUR',
    payment_method: 'card',
    ...more,
  },
});
const measured = ({ meter }: MemoryStage) =>
  meter.recorded.flatMap(({ name, value, dimensions: { Rung, Slot } }) =>
    Rung === undefined ? [] : [[name, value, Rung, Slot].join(' ')],
  );
const COMPLETED = [
  'CheckoutsCompleted 1 regional payment',
  'ChosenRank 2 regional payment',
  'CheckoutsCompleted 1 default shipping',
];

test('what is shown is measured when it comes, and what was chosen when the order does', async () => {
  const stage = memoryStage();
  await stage.learn([shown(PHONE)]);
  expect(measured(stage)).toEqual(['DecisionsShown 1 regional payment', 'DecisionsShown 1 default shipping']);
  await stage.learn([bought(PHONE)]);
  expect(measured(stage).slice(2)).toEqual(COMPLETED);
  expect(stage.meter.unflushed).toEqual([]);
});

test('a user’s order is measured by what the device was shown that it names', async () => {
  const stage = memoryStage();
  await stage.learn([shown(PHONE)]);
  await stage.learn([bought({ ...PHONE, userId: 'ann' })]);
  expect(measured(stage).slice(2)).toEqual(COMPLETED);
});

test('what is delivered again, or sent again, is measured once', async () => {
  const stage = memoryStage();
  for (let time = 0; time < 3; time++) await stage.learn([shown(PHONE), bought(PHONE)]);
  expect(await stage.foldRecords('critical', stage.eventLog.records('critical'))).toBeNull();
  expect(measured(stage)).toHaveLength(5);
});

test('an order measures nothing but the checkout that it completes', async () => {
  const stage = memoryStage();
  await stage.learn([shown(PHONE), bought(PHONE), shown(PHONE, 's2', 'c2')]);
  const before = measured(stage).length;
  await stage.learn([bought(PHONE, 'o2', { checkout_id: 'c2' })]);
  expect(measured(stage).slice(before)).toEqual(COMPLETED);
  await stage.learn([bought(PHONE, 'o3', { checkout_id: 'c3' })]);
  expect(measured(stage)).toHaveLength(before + COMPLETED.length);
});

test('made-up decisions are not measured', async () => {
  const stage = memoryStage();
  const { properties, ...rest } = shown(PHONE);
  await stage.learn([{ ...rest, properties: { ...properties, decision_id: 'dec_s1.AAAAAAAAAAA' } }]);
  expect(measured(stage)).toEqual([]);
});

describe('reading devices for it', () => {
  async function readsOf(stage: MemoryStage, ...events: readonly object[]): Promise<number> {
    const { read } = stage.store;
    let reads = 0;
    stage.store.read = (refs) => {
      reads += refs.length;
      return read(refs);
    };
    await stage.learn(events);
    stage.store.read = read;
    return reads;
  }
  const order = (index: number) => bought({ ...PHONE, userId: 'ann' }, `o${index}`);

  test('costs a shop that tells of no decision nothing, nor one that has stopped to', async () => {
    const stage = memoryStage();
    await stage.learn([order(0)]);
    const ordinary = await readsOf(stage, order(1));
    await stage.learn([shown(PHONE)]);
    expect(await readsOf(stage, order(2))).toBe(ordinary + 1);
    stage.clock.advance(DAY);
    // The link is made anew each day, which is read too.
    const onANewDay = await readsOf(stage, order(3));
    expect(await readsOf(stage, order(4))).toBe(ordinary + 1);
    stage.clock.advance(DAY);
    expect(await readsOf(stage, order(5))).toBe(onANewDay - 1);
  });

  test('that fails costs a line in the log, and no batch', async () => {
    const stage = memoryStage();
    await stage.learn([shown(PHONE)]);
    const { read } = stage.store;
    stage.store.read = (refs) => {
      if (refs.length === 1 && refs[0]?.key === keyOf('a:phone') && refs[0].item === 'checkout')
        return Promise.reject(new StoreUnavailable('told to fail'));
      return read(refs);
    };
    await stage.learn([bought({ ...PHONE, userId: 'ann' })]);
    expect(measured(stage)).toHaveLength(2);
    expect(stage.log.lines.map(({ message }) => message)).toContain('outcomes are not measured');
  });

  test('is left when there is no time', async () => {
    const stage = memoryStage();
    await stage.learn([shown(PHONE)]);
    await stage.collect('batch', { batch: [bought({ ...PHONE, userId: 'ann' })] });
    await stage.deliver('critical', { remainingMs: [60_000, 0] });
    expect(measured(stage)).toHaveLength(2);
  });
});
