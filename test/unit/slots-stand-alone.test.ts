import { decide, type DecisionInput } from '../../shared/domain/decide.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import type { Profile } from '../../shared/domain/profile.ts';
import { SLOTS } from '../../shared/domain/slot.ts';
import { store } from '../../store.config.ts';
import { asked, decided, personWith } from '../decisions.ts';
import { purchase, streamEvent } from '../events.ts';
import { itemOf, memoryStage } from '../memory-stage.ts';

const config = decisionConfigOf(store);
const ann = personWith([
  purchase({ order: '1', method: 'invoice' }),
  streamEvent({ type: 'identify', traits: { address: { country: 'SE' } } }),
  streamEvent({ event: 'Loyalty Tier Changed', properties: { tier: 'gold' }, minute: 2 }),
]);
const request: Partial<DecisionInput> = {
  profile: ann,
  slots: SLOTS,
  country: 'SE',
  currency: 'EUR',
  lines: [{ productId: 'p', quantity: 1, price: 100 }],
  payment: [
    { id: 'card', kind: 'card' },
    { id: 'invoice', kind: 'invoice' },
    { id: 'debit', kind: 'debit' },
  ],
  shipping: [
    { id: 'express', price: 900 },
    { id: 'post', price: 100 },
  ],
};
const breaking = (part: object): Profile => ({ ...ann, checkout: { ...ann.checkout, ...part } });
const CORRUPT = null as never;

test('when all is well, all that can be is personal', () => {
  const { slots, degraded, report } = decided(request, config);
  expect(Object.entries(slots).map(([name, { source }]) => `${name} ${source}`)).toEqual([
    'payment personalized',
    'shipping default',
    'prefill personalized',
    'offers personalized',
    'messages personalized',
  ]);
  expect([degraded, report]).toEqual([false, { isConsentWithheld: false, fallbackReason: null, faults: [] }]);
});

test('an answer is as good as its payment and shipping, and without them as what was asked for', () => {
  const sourceOf = (slots: DecisionInput['slots'], more: Partial<DecisionInput> = {}) =>
    decided({ ...request, slots, ...more }, config).source;
  expect([sourceOf(['shipping', 'offers']), sourceOf(['payment', 'shipping'])]).toEqual([
    'default',
    'personalized',
  ]);
  expect([sourceOf(['offers']), sourceOf(['messages', 'prefill'])]).toEqual(['personalized', 'personalized']);
  expect([sourceOf(['offers'], { isPartial: true }), sourceOf([])]).toEqual(['partial', 'default']);
});

/** Parts of a profile that hold what no fold writes, and what of the answer that costs. */
const PARTS: readonly [string, Profile, readonly string[]][] = [
  ['uses of payment', breaking({ payment: CORRUPT }), ['payment', 'offers', 'segments']],
  ['uses of shipping', breaking({ shipping: CORRUPT }), ['shipping', 'offers', 'segments']],
  ['address', breaking({ address: { at: 1, id: 'x', value: CORRUPT } }), ['prefill', 'offers', 'segments']],
  ['cart', breaking({ cart: CORRUPT }), ['offers', 'messages', 'segments']],
  ['tickets', breaking({ tickets: CORRUPT }), ['offers', 'messages', 'segments']],
  ['orders', { ...ann, orders: CORRUPT }, ['offers', 'messages', 'segments']],
  ['views', { ...ann, browse: CORRUPT }, ['offers', 'segments']],
];

test.each(PARTS)(
  'a profile whose %s is corrupt costs what hangs on it, and nothing else',
  (_part, profile, lost) => {
    const whole = decided(request, config);
    const broken = decided({ ...request, profile }, config);

    expect(broken.report.faults.map(({ part }) => part)).toEqual(lost);
    expect([broken.degraded, broken.report.fallbackReason]).toEqual([true, 'slot-failed']);
    const nobody = decided({ ...request, profile: undefined }, config);
    for (const name of SLOTS) {
      const expected = lost.includes(name)
        ? nobody.slots[name] && { ...nobody.slots[name], fallbackReason: 'slot-failed' }
        : whole.slots[name];
      expect(broken.slots[name]).toEqual(expected);
    }
  },
);

test.each(PARTS)('whatever is corrupt (%s), guardrails hold on what is left', (_part, profile) => {
  const { slots } = decided({ ...request, profile }, config);
  expect(slots.payment?.guardrails).toEqual(['se-debit-before-credit', 'se-credit-not-preselected']);
  expect(slots.payment?.options.map(({ id }) => id)).toEqual(['debit', 'card', 'invoice']);
  expect(slots.shipping?.options.filter(({ preselected }) => preselected).map(({ id }) => id)).toEqual([
    'post',
  ]);
  expect(slots.offers?.guardrails).toEqual(['no-preticked-add-ons']);
});

test('what a region says is given up with the slot that fails on it', () => {
  const shipping = { population: 0, byOption: new Map() };
  const surroundings = { country: { payment: { population: 99, byOption: CORRUPT }, shipping } } as never;
  const { slots, report } = decided({ ...request, surroundings }, config);
  expect(report.faults.map(({ part }) => part)).toEqual(['payment']);
  expect(slots.payment).toMatchObject({ source: 'default', fallbackReason: 'slot-failed' });
  expect(slots.prefill).toMatchObject({ source: 'personalized' });
});

test('a profile that is as fresh as no time there is costs its times, and nothing else', () => {
  const whole = decided(request, config);
  const broken = decided({ ...request, profile: { ...ann, freshness: { asOf: 1e17, lagMs: 5 } } }, config);
  expect(broken).toMatchObject({ asOf: null, lagMs: null, degraded: true, slots: whole.slots });
  expect(broken.report).toMatchObject({ fallbackReason: 'slot-failed', faults: [{ part: 'freshness' }] });
});

test('a part that fails is logged once with all that it cost, and counted, and the reply is an answer', async () => {
  const stage = memoryStage();
  const track = (event: string, properties: object) => ({ type: 'track', event, userId: 'ann', properties });
  await stage.learn([
    { ...track('Order Completed', { order_id: '1', payment_method: 'pix' }), messageId: 'm1' },
    { type: 'identify', userId: 'ann', messageId: 'm2', traits: { address: { country: 'BR' } } },
  ]);
  const stored = itemOf(stage, 'u:ann');
  if (stored === undefined) throw new Error('nothing was stored');
  const { a: _address, ...rest } = JSON.parse(stored.state) as Record<string, unknown>;
  const state = JSON.stringify({ ...rest, a: [1, 'x', null] });
  await stage.store.write({ ...stored, v: stored.v + 1, state });
  const reply = await stage.decide({
    userId: 'ann',
    checkout: { payment: [{ id: 'card' }, { id: 'pix' }] },
  });

  expect(reply).toMatchObject({
    status: 200,
    body: {
      source: 'personalized',
      degraded: true,
      profile: { level: 'account', segments: [], journeyStage: null },
      slots: {
        payment: { source: 'personalized', fallbackReason: null },
        offers: { source: 'default', fallbackReason: 'slot-failed', items: [] },
        messages: { source: 'default', fallbackReason: null },
      },
    },
  });
  expect(reply.body).not.toHaveProperty('report');
  expect(stage.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { parts: 'prefill, offers, segments' } },
  ]);
  expect([stage.meter.sum('Fallback'), stage.meter.sum('FallbackReason', { Reason: 'slot-failed' })]).toEqual(
    [1, 1],
  );
});

test('who did not agree is not looked at, however broken they are', () => {
  const input = asked({ ...request, profile: PARTS[0]?.[1], consent: { globalPrivacyControl: true } });
  const { report, slots } = decide(input, config);
  expect(report).toEqual({ isConsentWithheld: true, fallbackReason: null, faults: [] });
  expect(Object.values(slots).map(({ fallbackReason }) => fallbackReason)).toEqual([null, null, null, null]);
});
