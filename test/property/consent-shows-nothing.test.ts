import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import type { ConsentRegime } from '../../shared/domain/store-config.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, tokenFor, type MemoryStage } from '../memory-stage.ts';
import { track, VICTIM, VICTIMS_EVENTS } from '../victim.ts';

const OPTIONS = {
  context: { country: 'BR', currency: 'BRL', locale: 'pt-BR' },
  checkout: {
    lines: [{ productId: VICTIM.product, quantity: 1, price: 1250 }],
    payment: ['credit_card', 'boleto', 'pix'].map((id) => ({ id })),
    shipping: [
      { id: 'post', price: 390 },
      { id: 'express', price: 990 },
    ],
  },
};
const refusal = (ids: object) =>
  track('Consent Preference Updated', ids, { consent: { personalization: false } }, { messageId: 'refusal' });
const asked = (consent: object) => ({ context: { ...OPTIONS.context, consent } });

interface Way {
  readonly said?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** What both shops know, the one that knows the person and the one that does not. */
  readonly known?: readonly object[];
  readonly regime?: ConsentRegime;
}

const WAYS: readonly (readonly [string, Way])[] = [
  ['the browser’s Global Privacy Control', { headers: { 'sec-gpc': '1' } }],
  [
    'the browser’s Global Privacy Control, the request saying yes',
    { headers: { 'sec-gpc': '1' }, said: asked({ personalization: true }) },
  ],
  ['a no in the request', { said: asked({ personalization: false }) }],
  ['a word that is no yes', { said: asked({ personalization: 'granted' }) }],
  ['a no in Segment’s shape', { said: asked({ categoryPreferences: { personalization: false } }) }],
  ['a no on record', { known: [refusal({ userId: VICTIM.userId })] }],
  [
    'a no on record, the request saying yes',
    { known: [refusal({ userId: VICTIM.userId })], said: asked({ personalization: true }) },
  ],
  ['a no that comes along', { said: { events: [refusal({ userId: VICTIM.userId })] } }],
  ['silence where a yes is needed', { regime: 'opt-in' }],
  ['a yes to something else where a yes is needed', { regime: 'opt-in', said: asked({ analytics: true }) }],
  [
    'a no on a device of theirs',
    {
      known: [
        { type: 'identify', userId: VICTIM.userId, anonymousId: VICTIM.phone },
        refusal({ anonymousId: VICTIM.phone }),
      ],
    },
  ],
];
const CALLERS: readonly (readonly [string, object, Readonly<Record<string, string>>])[] = [
  ['a token', { token: tokenFor(VICTIM.userId) }, AS_BROWSER],
  ['the secret key', { userId: VICTIM.userId }, AS_SERVER],
  [
    'a token, on a device of theirs',
    { token: tokenFor(VICTIM.userId), anonymousId: VICTIM.laptop },
    AS_BROWSER,
  ],
];

async function shops({ known = [], regime = 'opt-out' }: Way): Promise<readonly [MemoryStage, MemoryStage]> {
  const open = (): MemoryStage => memoryStage({ timer: manualTimer(), consentRegime: regime });
  const [knowing, unknowing] = [open(), open()];
  await knowing.learn(VICTIMS_EVENTS);
  if (known.length > 0) for (const stage of [knowing, unknowing]) await stage.learn(known);
  return [knowing, unknowing];
}

describe.each(CALLERS)('of somebody of whom much is known, asked for by %s,', (_by, who, as) => {
  test.each(WAYS)(
    'nothing is shown after %s; it is counted as withheld and not as a fallback',
    async (_name, way) => {
      const [knowing, unknowing] = await shops(way);
      const ask = async (stage: MemoryStage) =>
        stage.decide({ ...OPTIONS, ...who, ...way.said }, { ...as, ...way.headers });
      const reply = await ask(knowing);

      expect(JSON.stringify(reply)).toBe(JSON.stringify(await ask(unknowing)));
      expect(reply.body).toMatchObject({ degraded: false, profile: { level: 'none', segments: [] } });
      expect([knowing.meter.sum('Fallback'), knowing.meter.sum('ConsentWithheld')]).toEqual([0, 1]);
    },
  );

  test.each<[string, Way]>([
    ['silence where a no is needed', {}],
    ['a yes where a yes is needed', { regime: 'opt-in', said: asked({ personalization: true }) }],
  ])('something is shown after %s: the others are not empty anyway', async (_name, way) => {
    const [knowing] = await shops(way);
    const { body } = await knowing.decide({ ...OPTIONS, ...who, ...way.said }, as);
    expect(body).toMatchObject({ source: 'personalized', profile: { level: 'account' } });
    expect(JSON.stringify(body)).toMatch(/Campinas/);
  });
});
