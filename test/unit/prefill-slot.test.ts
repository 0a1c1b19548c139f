import type { DecisionInput } from '../../shared/domain/decide.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { store } from '../../store.config.ts';
import { decided, personWith } from '../decisions.ts';
import { streamEvent } from '../events.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, tokenFor } from '../memory-stage.ts';

const config = decisionConfigOf(store);
const ann = personWith([
  streamEvent({
    type: 'identify',
    traits: { address: { country: 'br', state: 'SP', city: 'Campinas', street: 'Rua A 1' }, email: 'a@b.c' },
    context: { locale: 'pt-BR' },
  }),
  streamEvent({ event: 'Cart Viewed', properties: { products: [], currency: 'BRL' } }),
]);
const prefill = (more: Partial<DecisionInput> = {}) =>
  decided({ profile: ann, slots: ['prefill'], ...more }, config).slots.prefill;

test('an account is spared typing what it is known to have', () => {
  expect(prefill()).toEqual({
    source: 'personalized',
    fallbackReason: null,
    fields: {
      address: { country: 'BR', region: 'SP', city: 'Campinas' },
      locale: 'pt-BR',
      currency: 'BRL',
    },
    guardrails: [],
  });
});

test('only what is known is there', () => {
  const bob = personWith([streamEvent({ type: 'identify', traits: { address: { country: 'SE' } } })]);
  expect(prefill({ profile: bob })?.fields).toEqual({ address: { country: 'SE' } });
});

test.each<[string, Partial<DecisionInput>]>([
  ['a device', { level: 'device' }],
  ['nobody', { level: 'none' }],
  ['somebody unknown', { profile: undefined }],
  ['somebody of whom nothing is known that could be filled in', { profile: personWith([]) }],
  ['somebody who refused', { consent: { globalPrivacyControl: false, stated: false } }],
  ['somebody whose browser refused', { consent: { globalPrivacyControl: true, stated: true } }],
  ['somebody who was not asked, where one must be', { consentRegime: 'opt-in' }],
])('for %s the slot is not there', (_who, more) => {
  const decision = decided({ profile: ann, slots: ['prefill'], ...more }, config);
  expect([decision.slots, decision.source, decision.degraded]).toEqual([{}, 'default', false]);
});

test('neither what was claimed nor a device that only says to be theirs fills anything in', async () => {
  const stage = memoryStage();
  const traits = { address: { country: 'BR', city: 'Campinas' } };
  // The public key proves nothing: one event names the user alone, one the user and a device.
  await stage.learn(
    [
      { type: 'identify', userId: 'ann', messageId: 'm1', traits },
      { type: 'identify', userId: 'ann', anonymousId: 'stranger', messageId: 'm2', traits },
    ],
    AS_BROWSER,
  );
  await stage.learn([{ type: 'track', event: 'Order Completed', userId: 'ann', messageId: 'm3' }]);
  const ask = async (more: object, headers: typeof AS_SERVER) => {
    const { body } = await stage.decide({ ...more, checkout: {}, slots: ['prefill'] }, headers);
    return (body as { readonly slots: object }).slots;
  };

  expect(await ask({ userId: 'ann' }, AS_SERVER)).toEqual({});
  expect(await ask({ token: tokenFor('ann') }, AS_BROWSER)).toEqual({});
  expect(await ask({ anonymousId: 'stranger' }, AS_BROWSER)).toEqual({});
  expect(await ask({ userId: 'ann', anonymousId: 'stranger' }, AS_BROWSER)).toEqual({});
});

test('what the account itself said, its token opens, and nothing less does', async () => {
  const stage = memoryStage();
  const traits = { address: { country: 'BR', city: 'Campinas' } };
  await stage.learn([{ type: 'identify', userId: 'ann', messageId: 'm1', traits }]);
  const ask = async (more: object, headers: Record<string, string>) => {
    const { body } = await stage.decide({ ...more, checkout: {}, slots: ['prefill'] }, headers);
    return (body as { readonly slots: object }).slots;
  };

  expect(await ask({ token: tokenFor('ann') }, AS_BROWSER)).toMatchObject({
    prefill: { fields: { address: { country: 'BR', city: 'Campinas' } } },
  });
  expect(await ask({ userId: 'ann' }, AS_BROWSER)).toEqual({});
  expect(await ask({ token: tokenFor('ann') }, { ...AS_BROWSER, 'sec-gpc': '1' })).toEqual({});
  expect([stage.meter.sum('ConsentWithheld'), stage.meter.sum('Fallback')]).toEqual([1, 0]);
});
