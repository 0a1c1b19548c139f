import fc from 'fast-check';
import * as v from 'valibot';
import { decisionResponseSchema } from '../../shared/protocol/responses.ts';
import { AS_BROWSER, memoryStage } from '../memory-stage.ts';

const id = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'CON', ' ', '\u0000', '\uD800', '🧨', '-0', '#abcd'),
  fc.string({ minLength: 1, maxLength: 128 }),
);
const amount = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2 ** 52, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  fc.integer({ min: -10_000, max: 10_000 }),
);
const options = fc.uniqueArray(
  fc.record({ id, price: amount, etaDays: fc.constantFrom(0, 0.5, 1e308, -0) }, { requiredKeys: ['id'] }),
  { maxLength: 50, selector: (option) => option.id },
);
const checkout = fc.record({
  payment: options.map((list) => list.map((option) => ({ id: option.id }))),
  shipping: options,
  lines: fc.array(
    fc.record({
      productId: id,
      quantity: fc.oneof(fc.constantFrom(0, 1, 1e9, 1e15), fc.nat({ max: 9 })),
      price: amount,
    }),
    { maxLength: 8 },
  ),
});
const context = fc.record({
  country: fc.constantFrom('SE', 'fi', 'BR', 'XX'),
  currency: fc.constantFrom('EUR', 'CON', 'sek'),
  locale: fc.constantFrom('__proto__', 'constructor', '-', '', 'pt_br'),
  region: fc.constantFrom('__proto__', '', '#'),
});

/** What shipping is free from, as the shop's configuration says. */
const FREE_FROM: Readonly<Record<string, bigint>> = { EUR: 5_000n, SEK: 54_900n };

test('whatever a checkout holds, it is answered by the contract, with every option once and no amount that is not exact', async () => {
  const stage = memoryStage({ decisionDeadlineMs: 5_000 });
  const seen = { missing: 0, reached: 0, silent: 0 };
  await fc.assert(
    fc.asyncProperty(checkout, context, async (asked, where) => {
      const { status, body } = await stage.decide(
        { anonymousId: '__proto__', context: where, checkout: asked },
        AS_BROWSER,
      );
      expect(status).toBe(200);
      const { degraded, slots } = v.parse(decisionResponseSchema, JSON.parse(JSON.stringify(body)));
      expect(degraded).toBe(false);
      for (const slot of ['payment', 'shipping'] as const) {
        const offered = asked[slot].map((option) => option.id).sort();
        expect((slots[slot]?.options ?? []).map((option) => option.id).sort()).toEqual(offered);
      }
      const item = slots.offers?.items.find(({ kind }) => kind === 'free-shipping');
      const total = asked.lines.reduce(
        (sum, { quantity, price }) => sum + BigInt(quantity) * BigInt(price),
        0n,
      );
      const left = (FREE_FROM[where.currency.toUpperCase()] ?? 0n) - total;
      if (item === undefined) seen.silent += 1;
      else if (item.missing === undefined) {
        seen.reached += 1;
        expect(left <= 0n).toBe(true);
      } else {
        seen.missing += 1;
        expect(BigInt(item.missing.amount)).toBe(left);
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(5);
});
