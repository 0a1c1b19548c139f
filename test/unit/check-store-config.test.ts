import { checkStoreConfig, isStageName } from '../../shared/domain/check-store-config.ts';
import type { Guardrail, StageSettings, StoreConfig } from '../../shared/domain/store-config.ts';
import { store } from '../../store.config.ts';

const withStage = (settings: Partial<StageSettings>): StoreConfig => ({
  ...store,
  stages: { ...store.stages, dev: { ...store.stages.dev, ...settings } },
});
const withGuardrails = (...guardrails: readonly Guardrail[]): StoreConfig => ({
  ...store,
  payment: { ...store.payment, guardrails },
});
const found = (config: StoreConfig): readonly [string, string][] =>
  checkStoreConfig(config, 'dev').map(({ code, path }) => [code, path]);

test('the configuration that ships is good for dev as it is', () => {
  expect(checkStoreConfig(store, 'dev')).toEqual([]);
});

test('prod waits for the shop to choose a consent regime, and says where', () => {
  const faults = checkStoreConfig(store, 'prod');
  expect(faults.map(({ code }) => code)).toEqual(['consent_regime_missing']);
  expect(faults[0]?.message).toContain('stages.prod.consentRegime');
});

test.each(['opt-in', 'opt-out'] as const)('prod with %s chosen is good', (consentRegime) => {
  const { prod } = store.stages;
  const config = { ...store, stages: { ...store.stages, prod: { ...prod, consentRegime } } };
  expect(checkStoreConfig(config, 'prod')).toEqual([]);
});

test('an unfinished prod does not stop dev', () => {
  const { prod } = store.stages;
  const config = { ...store, stages: { ...store.stages, prod: { ...prod, streamRetentionHours: 0 } } };
  expect(checkStoreConfig(config, 'dev')).toEqual([]);
});

test.each([
  ['prdo', 'prod'],
  ['PROD', 'prod'],
  ['production', 'prod'],
  ['deb', 'dev'],
  ['development', 'dev'],
])('for the unknown stage %s it names %s', (stage, nearest) => {
  const [fault] = checkStoreConfig(store, stage);
  expect(fault).toMatchObject({ code: 'unknown_stage', path: `stages.${stage}` });
  expect(fault?.message).toContain(`did you mean "${nearest}"?`);
  expect(isStageName(stage)).toBe(false);
});

test.each(['', 'x', 'something-else', 'constructor', '__proto__'])(
  'for %j, which resembles nothing, it names the stages there are',
  (stage) => {
    const [fault] = checkStoreConfig(store, stage);
    expect(fault?.message).toBe(`There is no stage "${stage}". The stages are dev and prod.`);
  },
);

test.each<[Partial<StageSettings>, string]>([
  [{ streamRetentionHours: 23 }, 'streamRetentionHours'],
  [{ streamRetentionHours: 169 }, 'streamRetentionHours'],
  [{ streamRetentionHours: 24.5 }, 'streamRetentionHours'],
  [{ decisionDeadlineMs: 0 }, 'decisionDeadlineMs'],
  [{ decisionDeadlineMs: Number.NaN }, 'decisionDeadlineMs'],
  [{ requestsPerSecond: 0 }, 'requestsPerSecond'],
  [{ regionsWindowSeconds: 301 }, 'regionsWindowSeconds'],
  [{ traceSampleRate: 1.01 }, 'traceSampleRate'],
  [{ traceSampleRate: -0.01 }, 'traceSampleRate'],
  [{ traceSampleRate: Number.NaN }, 'traceSampleRate'],
])('%j is out of range, and the fault says so', (settings, field) => {
  expect(found(withStage(settings))).toEqual([['out_of_range', `stages.dev.${field}`]]);
});

test.each<[Partial<StoreConfig['regions']>, string]>([
  [{ minimumPopulation: 0 }, 'minimumPopulation'],
  [{ minimumPopulation: 2.5 }, 'minimumPopulation'],
  [{ weight: 0 }, 'weight'],
  [{ weight: Infinity }, 'weight'],
  [{ halfLifeMonths: 0 }, 'halfLifeMonths'],
  [{ refreshSeconds: 0 }, 'refreshSeconds'],
  [{ staleAfterSeconds: 60 }, 'staleAfterSeconds'],
])('regions with %j are out of range', (regions, field) => {
  expect(found({ ...store, regions: { ...store.regions, ...regions } })).toEqual([
    ['out_of_range', `regions.${field}`],
  ]);
});

test('guardrails of shipping are checked as those of payment are', () => {
  const rule = { id: 'a', rule: 'cheapest-first', source: 'the shop', countries: ['Sweden'] } as const;
  const shipping = { halfLifeMonths: 0, habitPrior: 1.5, guardrails: [rule, { ...rule, countries: ['SE'] }] };
  expect(found({ ...store, shipping })).toEqual([
    ['out_of_range', 'shipping.halfLifeMonths'],
    ['out_of_range', 'shipping.habitPrior'],
    ['not_a_country', 'shipping.guardrails[0].countries[0]'],
    ['duplicate_id', 'shipping.guardrails[1].id'],
  ]);
});

test('a lane cannot have half a shard, eleven batches at once or no concurrency at all', () => {
  const lanes = {
    critical: { shards: 0.5, batchesPerShard: 1, reservedConcurrency: 0 },
    bulk: { shards: 'on-demand', batchesPerShard: 11, reservedConcurrency: 20 },
  } as const;
  expect(found(withStage({ lanes }))).toEqual([
    ['out_of_range', 'stages.dev.lanes.critical.shards'],
    ['out_of_range', 'stages.dev.lanes.critical.reservedConcurrency'],
    ['out_of_range', 'stages.dev.lanes.bulk.batchesPerShard'],
  ]);
});

test.each([
  '*',
  'https://shop.example/',
  'https://shop.example/path',
  'shop.example',
  'https://',
  'HTTPS://SHOP.EXAMPLE',
])('%s is no origin', (origin) => {
  expect(found(withStage({ allowedOrigins: [origin] }))).toEqual([
    ['not_an_origin', 'stages.dev.allowedOrigins[0]'],
  ]);
});

test.each(['oncall', 'oncall@shop', 'a@shop.example, b@shop.example', ''])(
  '%j is no address for alarms',
  (alarmEmail) => {
    expect(found(withStage({ alarmEmail }))).toEqual([['not_an_email', 'stages.dev.alarmEmail']]);
  },
);

test('alarms may be sent to an address, or to nobody', () => {
  expect(found(withStage({ alarmEmail: 'oncall@shop.example' }))).toEqual([]);
  expect(found(withStage({}))).toEqual([]);
});

test('a stream of changes needs a segment that is announced, and shards', () => {
  const announced = {
    ...store,
    // Those of the shop ask for segments of its own.
    offers: { ...store.offers, items: [] },
    segments: {
      ...store.segments,
      named: {
        ...store.segments.named,
        buyer: { description: 'Bought.', when: { 'orders.count': 1 }, announce: true },
      },
    },
  };
  const withChanges = (config: typeof store, changes: object): typeof store => ({
    ...config,
    stages: { ...config.stages, dev: { ...config.stages.dev, changes: changes as { shards: number } } },
  });
  expect(found(withChanges(announced, { shards: 1 }))).toEqual([]);
  expect(found(withChanges(announced, { shards: 'on-demand' }))).toEqual([]);
  expect(found(withChanges(announced, { shards: 0 }))).toEqual([
    ['out_of_range', 'stages.dev.changes.shards'],
  ]);
  expect(found(withChanges(announced, { shrads: 1 }))).toEqual([
    ['unknown_setting', 'stages.dev.changes.shrads'],
  ]);
  expect(found(withChanges(store, { shards: 1 }))).toEqual([['not_a_choice', 'stages.dev.changes']]);
  // Who is announced is one thing, where it is told another: a stage may tell nobody.
  expect(found(announced)).toEqual([]);
});

test('a segment is announced or not, and of few it can be', () => {
  const withNamed = (named: object): typeof store => ({
    ...store,
    segments: {
      ...store.segments,
      named: { ...store.segments.named, ...named },
    },
  });
  const one = { description: 'Bought.', when: { 'orders.count': 1 } };
  expect(found(withNamed({ buyer: { ...one, announce: 'yes' } }))).toEqual([
    ['wrong_type', 'segments.named.buyer.announce'],
  ]);
  expect(found(withNamed({ buyer: { ...one, anounce: true } }))).toEqual([
    ['unknown_setting', 'segments.named.buyer.anounce'],
  ]);
  const many = Object.fromEntries(
    Array.from({ length: 33 }, (_, at) => [`s${at}`, { ...one, announce: true }]),
  );
  expect(found(withNamed(many))).toEqual([['more_than_kept', 'segments.named']]);
});

test('logs are kept for as long as CloudWatch can keep them', () => {
  expect(found(withStage({ logRetentionDays: 8 }))).toEqual([
    ['not_a_choice', 'stages.dev.logRetentionDays'],
  ]);
});

test('guardrails have ids of their own, real countries and a complete order', () => {
  const rule = { rule: 'nothing-preselected', source: 'a law' } as const;
  const order = { rule: 'order-by-credit', order: ['no', 'no', 'yes'], source: 'a law' } as const;
  expect(
    found(
      withGuardrails(
        { id: 'a', ...rule },
        { id: 'a', ...rule, countries: ['Sweden'] },
        { id: 'b', ...order },
      ),
    ),
  ).toEqual([
    ['duplicate_id', 'payment.guardrails[1].id'],
    ['not_a_country', 'payment.guardrails[1].countries[0]'],
    ['not_a_choice', 'payment.guardrails[2].order'],
  ]);
});

test('the half-life of own choices is a time', () => {
  const config = { ...store, payment: { ...store.payment, halfLifeMonths: 0 } };
  expect(found(config)).toEqual([['out_of_range', 'payment.halfLifeMonths']]);
});

describe('words that only JSON or a cast lets in', () => {
  const messagesOf = (settings: object): readonly string[] =>
    checkStoreConfig(withStage(settings as Partial<StageSettings>), 'dev').map(({ message }) => message);
  const { lanes } = store.stages.dev;

  test.each<[object, string]>([
    [
      { requestPerSecond: 5 },
      'There is no setting stages.dev.requestPerSecond: did you mean "requestsPerSecond"?',
    ],
    [
      { enhancedfanout: true },
      'There is no setting stages.dev.enhancedfanout: did you mean "enhancedFanOut"?',
    ],
    [
      { lanes: { ...lanes, critcal: lanes.critical } },
      'There is no setting stages.dev.lanes.critcal: did you mean "critical"?',
    ],
    [
      { lanes: { ...lanes, bulk: { ...lanes.bulk, shard: 2 } } },
      'There is no setting stages.dev.lanes.bulk.shard: did you mean "shards"?',
    ],
    [{ consentRegime: 'optin' }, 'stages.dev.consentRegime is "optin": did you mean "opt-in"?'],
    [{ onDelete: 'retian' }, 'stages.dev.onDelete is "retian": did you mean "retain"?'],
    [{ deployment: 'canery' }, 'stages.dev.deployment is "canery": did you mean "canary"?'],
    [{ onDelete: 'x' }, 'stages.dev.onDelete is "x"; write one of "retain", "destroy".'],
    [{ onDelete: null }, 'stages.dev.onDelete is null; write one of "retain", "destroy".'],
  ])('%j is answered with its path and the nearest right word', (settings, message) => {
    expect(messagesOf(settings)).toEqual([message]);
  });

  const { payment, shipping, regions } = store;
  const [guardrail] = payment.guardrails;

  test.each<[object, string]>([
    [{ paymnt: payment }, 'There is no setting paymnt: did you mean "payment"?'],
    [
      { payment: { ...payment, halfLiveMonths: 3 } },
      'There is no setting payment.halfLiveMonths: did you mean "halfLifeMonths"?',
    ],
    [
      { payment: { ...payment, guardrails: [{ ...guardrail, country: ['SE'] }] } },
      'There is no setting payment.guardrails[0].country: did you mean "countries"?',
    ],
    [
      { payment: { ...payment, guardrails: [{ id: 'a', source: 'b', rule: 'order-by-credit' }] } },
      'payment.guardrails[0].order is missing; store.config.ts must set it.',
    ],
    [
      { payment: { ...payment, guardrails: [{ id: 'a', source: 'b', rule: 'order-by-kredit' }] } },
      'payment.guardrails[0].rule is "order-by-kredit": did you mean "order-by-credit"?',
    ],
    [
      { shipping: { ...shipping, guardrails: [{ id: 'a', source: 'b', rule: 'by-credit' }] } },
      'shipping.guardrails[0].rule is "by-credit"; write one of "cheapest-first", "cheapest-preselected".',
    ],
    [
      { regions: { ...regions, staleAfterSecs: 5 } },
      'There is no setting regions.staleAfterSecs: did you mean "staleAfterSeconds"?',
    ],
  ])('%j is answered so too', (changed, message) => {
    const config = { ...store, ...changed } as typeof store;
    expect(checkStoreConfig(config, 'dev').map((fault) => fault.message)).toEqual([message]);
  });

  test('a misspelt setting, and so a missing one, is said once, and one that is left out as well', () => {
    const { allowedOrigins, logRetentionDays: _left, ...others } = store.stages.dev;
    const dev = { ...others, alowedOrigins: allowedOrigins } as unknown as StageSettings;
    expect(found({ ...store, stages: { ...store.stages, dev } })).toEqual([
      ['unknown_setting', 'stages.dev.alowedOrigins'],
      ['missing_setting', 'stages.dev.logRetentionDays'],
    ]);
    const misspelt = { critcal: lanes.critical, bulk: lanes.bulk };
    expect(messagesOf({ lanes: misspelt })).toEqual([
      'There is no setting stages.dev.lanes.critcal: did you mean "critical"?',
    ]);
  });
});

describe('who may vouch for shoppers', () => {
  const jwks = { url: 'https://login.shop.example/.well-known/jwks.json' };

  test.each<[string, NonNullable<StageSettings['identity']>]>([
    ['an issuer beside the secret', { jwks }],
    ['an issuer instead of the secret', { jwks, sharedSecret: false }],
    ['the secret, said aloud', { sharedSecret: true }],
    ['an issuer on this machine', { jwks: { url: 'http://127.0.0.1:9000/jwks.json' } }],
    ['an issuer that must be named', { jwks: { ...jwks, audience: 'checkout', issuer: 'https://login/' } }],
  ])('%s is good', (_name, identity) => {
    expect(found(withStage({ identity }))).toEqual([]);
  });

  const root = 'stages.dev.identity';
  test.each<[string, unknown, readonly [string, string]]>([
    ['nobody', { sharedSecret: false }, ['nobody_vouches', root]],
    [
      'plain HTTP',
      { jwks: { url: 'http://login.shop.example/jwks' } },
      ['not_an_address', `${root}.jwks.url`],
    ],
    [
      'a host that only begins like this machine',
      { jwks: { url: 'http://localhost.evil.example/jwks' } },
      ['not_an_address', `${root}.jwks.url`],
    ],
    [
      'a user in the address',
      { jwks: { url: 'https://a:b@login/jwks' } },
      ['not_an_address', `${root}.jwks.url`],
    ],
    ['no address', { jwks: { url: 'jwks.json' } }, ['not_an_address', `${root}.jwks.url`]],
    ['an empty audience', { jwks: { ...jwks, audience: ' ' } }, ['not_a_choice', `${root}.jwks.audience`]],
    ['a misspelt setting', { jwks: { ...jwks, isuer: 'x' } }, ['unknown_setting', `${root}.jwks.isuer`]],
    ['a misspelt way', { jkws: jwks }, ['unknown_setting', `${root}.jkws`]],
    ['an issuer without an address', { jwks: {} }, ['missing_setting', `${root}.jwks.url`]],
  ])('%s is a fault', (_name, identity, fault) => {
    expect(found(withStage({ identity } as Partial<StageSettings>))).toEqual([fault]);
  });
});
