import fc from 'fast-check';
import { absorbDevices } from '../../functions/fold-profiles/absorb-devices.ts';
import { decodeCopy } from '../../shared/domain/device-copy.ts';
import { UNLINK_EVENT } from '../../shared/domain/events.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { shelf } from '../events.ts';
import { shownAt } from '../segments.ts';
import { eventsOf, factsOf, modelOf, type AccountFacts } from './account-model.ts';
import { keyOf, memoryStage, STREAM_RETENTION_MS, type MemoryStage } from '../memory-stage.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USERS = ['ann', 'bob'] as const;
const DEVICES = Array.from({ length: 8 }, (_, index) => `device ${index}`);
const METHODS = ['pix', 'boleto', 'card'];

const device = fc.constantFrom(...DEVICES);
/** Mostly one user, who so comes to many devices; now and then somebody else on one of them. */
const user = fc.constantFrom('ann', 'ann', 'ann', 'ann', 'ann', 'ann', 'bob');
/** Events may come late, so that links and unlinks overtake each other. */
const lateMs = fc.constantFrom(0, 0, HOUR, 2 * HOUR);
const anyStep = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('signs in' as const), user, device, lateMs }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('unlinks' as const), user, device, lateMs }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('buys' as const), device, method: fc.constantFrom(...METHODS) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('looks' as const), device, product: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('waits' as const),
      ms: fc.constantFrom(HOUR, DAY + HOUR, 3 * DAY, 33 * DAY),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('absorbs' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('comes again' as const), records: fc.nat(12) }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;
const steps = fc.array(anyStep, { minLength: 10, maxLength: 60, size: 'max' });
/** What becomes of calls to the store while batches are folded, one after the other; beyond the list all is well. */
const troubles = fc.array(fc.constantFrom('well', 'well', 'well', 'well', 'before', 'lost'), {
  maxLength: 120,
  size: 'max',
});

let messages = 0;
const eventOf = (
  ids: { readonly userId?: string; readonly anonymousId: string },
  at: number,
  event: string,
  properties: object = {},
) => ({
  type: 'track',
  event,
  messageId: `message ${++messages}`,
  timestamp: new Date(at).toISOString(),
  properties,
  ...ids,
});

/** A stage with a store that has its troubles while events are folded, and is asked questions only after. */
function troubledStage(plan: readonly string[]) {
  const stage = memoryStage();
  const left = [...plan];
  const { read, query, write } = stage.store;
  const well = { read, query, write };
  const happens = async <Reply>(call: () => Promise<Reply>): Promise<Reply> => {
    const trouble = left.shift();
    if (trouble === 'before') throw new StoreUnavailable('told to fail');
    const reply = await call();
    if (trouble === 'lost') throw new StoreUnavailable('told to lose its answer');
    return reply;
  };
  const troubled = {
    read: (...args: Parameters<typeof read>) => happens(() => read(...args)),
    query: (...args: Parameters<typeof query>) => happens(() => query(...args)),
    write: (...args: Parameters<typeof write>) => happens(() => write(...args)),
  };
  const inTrouble = async (work: () => Promise<unknown>): Promise<void> => {
    Object.assign(stage.store, troubled);
    await work();
    Object.assign(stage.store, well);
  };
  const deliver = async (lane: Lane): Promise<void> => {
    for (let deliveries = 0; (await stage.deliver(lane)) !== null; deliveries++)
      if (deliveries > 200) throw new Error('the shard is blocked');
  };
  return {
    stage,
    endTroubles: (): void => void left.splice(0),
    async learn(event: object): Promise<void> {
      await stage.collect('batch', { batch: [event] });
      await inTrouble(() => deliver('critical'));
      await inTrouble(() => deliver('bulk'));
    },
    absorb: (): Promise<void> =>
      inTrouble(() =>
        absorbDevices(
          USERS.map((name) => keyOf(`u:${name}`)),
          () => true,
          { ...stage, streamRetentionMs: STREAM_RETENTION_MS },
        ),
      ),
    async comeAgain(records: number): Promise<void> {
      const again = stage.eventLog.records('critical').slice(-records - 1);
      await inTrouble(async () => {
        for (let deliveries = 0; (await stage.foldRecords('critical', again)) !== null; deliveries++)
          if (deliveries > 200) throw new Error('the shard is blocked');
      });
    },
  };
}

async function run(stage: ReturnType<typeof troubledStage>, step: Step): Promise<void> {
  const now = stage.stage.clock.now();
  switch (step.does) {
    case 'signs in':
      return stage.learn(
        eventOf({ userId: step.user, anonymousId: step.device }, now - step.lateMs, 'Payment Info Entered', {
          checkout_id: `checkout ${messages}`,
          payment_method: `own of ${step.user}`,
        }),
      );
    case 'unlinks':
      return stage.learn(
        eventOf({ userId: step.user, anonymousId: step.device }, now - step.lateMs, UNLINK_EVENT),
      );
    case 'buys':
      return stage.learn(
        eventOf({ anonymousId: step.device }, now, 'Order Completed', {
          order_id: `order ${messages}`,
          total: 10,
          currency: 'EUR',
          payment_method: `${step.method} on ${step.device}`,
        }),
      );
    case 'looks':
      return stage.learn(
        eventOf({ anonymousId: step.device }, now, 'Product Viewed', { product_id: `p${step.product}` }),
      );
    case 'waits':
      return stage.stage.clock.advance(step.ms);
    case 'absorbs':
      return stage.absorb();
    case 'comes again':
      return stage.comeAgain(step.records);
  }
}

async function readAccount(stage: MemoryStage, userId: string) {
  const { body } = await stage.profile(`u:${userId}`);
  return { isPartial: (body as { readonly partial: boolean }).partial, facts: factsOf(body) };
}

/** Whether a device has spoken since its copy was taken and its user has not been seen on it again. */
function isBehind(stage: MemoryStage, userId: string): boolean {
  const userKey = keyOf(`u:${userId}`);
  const all = [...eventsOf(stage, 'critical'), ...eventsOf(stage, 'bulk')];
  return stage.store
    .items()
    .filter(({ key, item }) => key === userKey && item.startsWith('device#'))
    .map(decodeCopy)
    .some(({ device: key, takenAt }) => {
      const since = all.filter(({ receivedAt }) => receivedAt >= takenAt);
      const isSeenAgain = since.some(
        ({ subject, keys, message }) =>
          subject.key === userKey && keys.device === key && message.event !== UNLINK_EVENT,
      );
      return !isSeenAgain && since.some(({ subject }) => subject.key === key);
    });
}

const METHOD_NAMES = [
  ...USERS.map((name) => `own of ${name}`),
  ...DEVICES.flatMap((name) => METHODS.map((method) => `${method} on ${name}`)),
];
async function usesDecidedFrom(stage: MemoryStage, who: object): Promise<Readonly<Record<string, number>>> {
  const payment = METHOD_NAMES.map((id) => ({ id }));
  const { body } = await stage.decide({ ...who, explain: true, checkout: { payment } });
  const { slots } = body as {
    slots: { payment: { options: readonly { id: string; explain: { uses: number } }[] } };
  };
  return Object.fromEntries(
    slots.payment.options
      .filter(({ explain }) => explain.uses > 0)
      .map(({ id, explain }) => [id, explain.uses]),
  );
}
const usesIn = ({ checkout }: AccountFacts): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(checkout.payment).map(([method, { uses }]) => [method, uses]));

test('at any time an account is what its user and devices did, or says what is missing, and never what others did', async () => {
  const seen = { whole: 0, partial: 0, absorbed: 0, shared: 0, unlinked: 0 };
  await fc.assert(
    fc.asyncProperty(steps, troubles, async (history, plan) => {
      const troubled = troubledStage(plan);
      const { stage } = troubled;
      for (const step of history) {
        await run(troubled, step);
        for (const userId of USERS) {
          const { facts, isPartial } = await readAccount(stage, userId);
          const model = modelOf(stage, userId);
          const missing = isPartial || isBehind(stage, userId);
          if (missing) {
            for (const [method, uses] of Object.entries(usesIn(facts)))
              expect(uses).toBeLessThanOrEqual(usesIn(model)[method] ?? 0);
          } else expect(facts).toEqual(model);
          seen[missing ? 'partial' : 'whole'] += 1;
        }
      }
      seen.absorbed += stage.store.items().filter(({ item }) => item.startsWith('device#')).length;
      seen.shared += stage.store
        .items()
        .filter(({ item, state }) => item === 'link' && state.includes('"s"')).length;
      seen.unlinked += history.filter(({ does }) => does === 'unlinks').length;
    }),
    { numRuns: 60 },
  );
  // A property that meets nothing proves nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});

test('once devices are silent and absorbed, an account is whole, read from anywhere, and absorbing again changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(steps, troubles, async (history, plan) => {
      const troubled = troubledStage(plan);
      const { stage } = troubled;
      for (const step of history) await run(troubled, step);
      troubled.endTroubles();
      for (let round = 0; round < 6; round++) {
        stage.clock.advance(32 * DAY);
        await troubled.absorb();
        await troubled.absorb();
      }
      for (const userId of USERS) {
        const { facts, isPartial } = await readAccount(stage, userId);
        expect(isPartial).toBe(false);
        expect(facts).toEqual(modelOf(stage, userId));
        expect(await usesDecidedFrom(stage, { userId })).toEqual(usesIn(facts));
        for (const anonymousId of DEVICES) {
          const asking = keyOf(`a:${anonymousId}`);
          expect(await usesDecidedFrom(stage, { userId, anonymousId })).toEqual(
            usesIn(modelOf(stage, userId, { asking })),
          );
        }
      }
      for (const anonymousId of DEVICES) {
        const alone = shelf();
        for (const lane of ['critical', 'bulk'] as const)
          alone.fold(
            eventsOf(stage, lane).filter(({ subject }) => subject.key === keyOf(`a:${anonymousId}`)),
            { lane },
          );
        const { body } = await stage.profile(`a:${anonymousId}`);
        const { shared } = body as { readonly shared: boolean };
        expect(factsOf(body)).toEqual({
          ...factsOf(shownAt(stage.clock.now(), `a:${anonymousId}`, alone.profile())),
          shared,
        });
      }
    }),
    { numRuns: 40 },
  );
});
