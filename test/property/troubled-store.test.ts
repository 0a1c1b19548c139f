import { isDeviceCopy } from '../../shared/domain/device-copy.ts';
import { isTombstone } from '../../shared/domain/erasure.ts';
import fc from 'fast-check';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, type MemoryStage } from '../memory-stage.ts';

const METHODS = ['boleto', 'pix', 'card'];
const user = fc.constantFrom('ann', 'bob', 'eve');
const device = fc.option(fc.constantFrom('laptop', 'kiosk', 'phone', 'tablet', 'tv', 'watch', 'car'), {
  nil: undefined,
});
const order = fc.integer({ min: 0, max: 90 }).map((number) => `o${number}`);
const details = fc.oneof(
  fc.record({
    event: fc.constantFrom('Order Completed', 'Order Updated', 'Order Cancelled'),
    order_id: order,
    total: fc.nat(99),
  }),
  // Poison: an order without its id, an amount that is none, points that are none.
  fc.record({ event: fc.constant('Order Completed'), total: fc.nat(9) }),
  fc.record({ event: fc.constant('Order Completed'), order_id: order, total: fc.constant('12,50') }),
  fc.record({ event: fc.constant('Loyalty Points Earned') }),
  fc.record({
    event: fc.constantFrom('Product Added', 'Product Removed'),
    product_id: fc.constantFrom('p1', 'p2'),
  }),
  fc.record({ event: fc.constant('Payment Info Entered'), checkout_id: order }),
);
/** Distinct events with times of their own, some sent twice. */
const events = fc
  .array(
    fc.record({
      details,
      userId: user,
      anonymousId: device,
      method: fc.constantFrom(...METHODS),
      isTwice: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 120,
      size: 'max',
    },
  )
  .map((list) =>
    list.flatMap(({ details: { event, ...properties }, userId, anonymousId, method, isTwice }, index) => {
      const message = {
        type: 'track',
        event,
        messageId: `m${index}`,
        userId,
        anonymousId,
        timestamp: new Date(Date.UTC(2025, index % 12, 1, 0, index)).toISOString(),
        properties: { ...properties, currency: 'EUR', payment_method: method },
      };
      return isTwice ? [message, message] : [message];
    }),
  );
/** What becomes of the calls to the store, one after the other; beyond the list all is well. */
const troubles = fc.array(fc.constantFrom('well', 'well', 'before', 'lost', 'quarantine'), {
  maxLength: 60,
  size: 'max',
});
/** A server proves every user; from a browser they are claims of devices, or of nobody. */
const source = fc.constantFrom(AS_SERVER, AS_BROWSER);

const facts = (stage: MemoryStage) =>
  stage.store
    .items()
    // A place kept empty of a copy: at whoever was the first of those who share a device, and that hangs on who was quicker.
    .filter((item) => !(isDeviceCopy(item.item) && isTombstone(item)))
    .map(({ key, item, state, ring, watermark, newestReceivedAt }) => ({
      key,
      item,
      state,
      ring,
      watermark,
      newestReceivedAt,
    }));
const poison = (stage: MemoryStage) =>
  stage.quarantine
    .entries()
    .map(({ id, code, bytes }) => `${id} ${code} ${bytes}`)
    .sort();

test('however store and quarantine fail and batches come again, everything ends up as if they had not', async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      troubles,
      fc.integer({ min: 1, max: 200 }),
      source,
      async (batch, plan, size, as) => {
        const [clean, troubled] = [memoryStage(), memoryStage()];
        for (const stage of [clean, troubled]) await stage.collect('batch', { batch }, as);
        await clean.deliver('critical');

        const { write, read } = troubled.store;
        const left = [...plan];
        const happens = async <Reply>(call: () => Promise<Reply>): Promise<Reply> => {
          const trouble = left.shift();
          if (trouble === 'quarantine') troubled.quarantine.failNext('after');
          if (trouble === 'before') throw new StoreUnavailable('told to fail');
          const reply = await call();
          if (trouble === 'lost') throw new StoreUnavailable('told to lose its answer');
          return reply;
        };
        troubled.store.write = (item) => happens(() => write(item));
        troubled.store.read = (refs) => happens(() => read(refs));
        const records = troubled.eventLog.records('critical');
        for (let position = 0, deliveries = 0; position < records.length; deliveries++) {
          if (deliveries > 400) throw new Error('the shard is blocked');
          const part = records.slice(position, position + size);
          const failed = await troubled.foldRecords('critical', part);
          position =
            failed === null
              ? position + part.length
              : records.findIndex(({ sequence }) => sequence === failed);
        }

        expect(facts(troubled)).toEqual(facts(clean));
        expect(poison(troubled)).toEqual(poison(clean));
      },
    ),
    { numRuns: 100 },
  );
});
