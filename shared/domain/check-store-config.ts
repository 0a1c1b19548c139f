import type {
  CreditKind,
  Guardrail,
  GuardrailScope,
  IdentitySettings,
  RegionsConfig,
  StageName,
  StageSettings,
  StoreConfig,
} from './store-config.ts';
import { compileSegments, type Segments } from './segments/compile-segments.ts';
import type { ConditionFault } from './segments/condition.ts';
import { isRate, type RatesConfig } from './exchange-rates.ts';
import { nearestWord } from './nearest-word.ts';
import { shopWordFaults } from './shop-words.ts';
import { CURRENCY } from './slots/read-amounts.ts';
import { readMessages } from './slots/read-messages.ts';
import { readOffers } from './slots/read-offers.ts';
import { isLocale } from './slots/read-text.ts';
import { readingOf } from './slots/reading.ts';
import { unknownWordFaults } from './stage-words.ts';
import type { Lane } from './stream-event.ts';

/** One thing to correct in store.config.ts before it is deployed. */
export interface ConfigFault {
  readonly code:
    | 'unknown_stage'
    | 'unknown_setting'
    | 'missing_setting'
    | 'consent_regime_missing'
    | 'not_an_origin'
    | 'not_an_email'
    | 'not_an_address'
    | 'nobody_vouches'
    | 'out_of_range'
    | 'not_a_choice'
    | 'not_a_country'
    | 'duplicate_id'
    | 'not_a_currency'
    | 'not_a_locale'
    | 'not_a_time'
    | 'unknown_placeholder'
    | 'window_outside_segments'
    | ConditionFault['code'];
  /** Where in the configuration, e.g. `stages.prod.consentRegime`. */
  readonly path: string;
  /** One sentence a person can act on; it names the path. */
  readonly message: string;
}

const STAGES: readonly StageName[] = ['dev', 'prod'];
const LANES: readonly Lane[] = ['critical', 'bulk'];
const CREDIT_KINDS: readonly CreditKind[] = ['no', 'maybe', 'yes'];

/** What CloudWatch Logs accepts (PutRetentionPolicy), in days. */
const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function isStageName(stage: string): stage is StageName {
  return STAGES.some((known) => known === stage);
}

/**
 * Says what is wrong with a configuration for one stage: the shop's rules and that stage's settings (the other
 * stages may be unfinished). No faults: an empty list. Never throws.
 *
 * @example
 * checkStoreConfig(store, 'prdo');
 * // [{ code: 'unknown_stage', path: 'stages.prdo', message: 'There is no stage "prdo": did you mean "prod"? …' }]
 */
export function checkStoreConfig(config: StoreConfig, stage: string): readonly ConfigFault[] {
  if (!isStageName(stage)) {
    const nearest = nearestWord(stage, STAGES);
    const hint = nearest === null ? '' : `: did you mean "${nearest}"?`;
    return [
      {
        code: 'unknown_stage',
        path: `stages.${stage}`,
        message: `There is no stage "${stage}"${hint === '' ? '.' : hint} The stages are ${STAGES.join(' and ')}.`,
      },
    ];
  }
  // Values are looked at once every setting is there under its name.
  const words = unknownWordFaults(config.stages[stage], `stages.${stage}`);
  return [...shopFaults(config), ...(words.length > 0 ? words : stageFaults(config, stage))];
}

function shopFaults(config: StoreConfig): readonly ConfigFault[] {
  const words = shopWordFaults(config);
  if (words.length > 0) return words;
  const { payment, shipping, regions, offers } = config;
  const { segments, faults: segmentFaults } = compileSegments(config.segments);
  const rates = config.rates === undefined ? [] : rateFaults(config.rates);
  return [
    ...habitFaults(payment, 'payment'),
    ...scopeFaults(payment.guardrails, 'payment'),
    ...payment.guardrails.flatMap((guardrail, index) =>
      orderFaults(guardrail, `payment.guardrails[${index}]`),
    ),
    ...habitFaults(shipping, 'shipping'),
    ...scopeFaults(shipping.guardrails, 'shipping'),
    ...regionFaults(regions),
    ...segmentFaults,
    ...scopeFaults(offers.guardrails, 'offers'),
    ...rates,
    // What somebody is asked hangs on segments, and what is converted on rates.
    ...(segmentFaults.length + rates.length > 0 ? [] : offerFaults(config, segments)),
  ];
}

function offerFaults(config: StoreConfig, segments: Segments): readonly ConfigFault[] {
  const { defaultLocale, offers, messages } = config;
  if (!isLocale(defaultLocale)) {
    const message = `defaultLocale is "${defaultLocale}"; write a language as "en" or "pt-BR".`;
    return [{ code: 'not_a_locale', path: 'defaultLocale', message }];
  }
  const reading = readingOf(config, segments);
  readOffers(config, reading);
  readMessages(config, reading);
  return [
    ...offers.items.flatMap((_, index) => idFaults(offers.items, index, 'offers.items', 'offer')),
    ...messages.items.flatMap((_, index) => idFaults(messages.items, index, 'messages.items', 'message')),
    ...reading.faults,
  ];
}

function rateFaults({ asOf, source, base, perBase }: RatesConfig): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (Number.isNaN(Date.parse(asOf)) || new Date(asOf).toISOString().slice(0, 10) !== asOf) {
    const message = `rates.asOf is "${asOf}"; write the day the rates are of as "2026-11-20".`;
    faults.push({ code: 'not_a_time', path: 'rates.asOf', message });
  }
  if (source.trim() === '') {
    const message = 'rates.source is empty; write who published the rates.';
    faults.push({ code: 'missing_setting', path: 'rates.source', message });
  }
  for (const [path, currency] of [
    ['rates.base', base],
    ...Object.keys(perBase).map((code) => [`rates.perBase.${code}`, code] as const),
  ] as const) {
    if (!CURRENCY.test(currency)) {
      const message = `${path} is "${currency}"; write a currency as three capital letters, e.g. "EUR".`;
      faults.push({ code: 'not_a_currency', path, message });
    }
  }
  for (const [code, rate] of Object.entries(perBase)) {
    if (!isRate(rate))
      faults.push(outOfRange(`rates.perBase.${code}`, rate, 'a number above 0 with at most 12 decimals'));
  }
  return faults;
}

function habitFaults(
  slot: { readonly halfLifeMonths: number; readonly habitPrior: number },
  root: string,
): readonly ConfigFault[] {
  const { habitPrior } = slot;
  return [
    ...halfLifeFaults(slot, root),
    ...(habitPrior > 0 && habitPrior <= 1
      ? []
      : [outOfRange(`${root}.habitPrior`, habitPrior, 'a share above 0 and at most 1')]),
  ];
}

function halfLifeFaults(
  { halfLifeMonths }: { readonly halfLifeMonths: number },
  root: string,
): readonly ConfigFault[] {
  return halfLifeMonths > 0 && Number.isFinite(halfLifeMonths)
    ? []
    : [outOfRange(`${root}.halfLifeMonths`, halfLifeMonths, 'a number of months above 0')];
}

function regionFaults(regions: RegionsConfig): readonly ConfigFault[] {
  const faults = [...halfLifeFaults(regions, 'regions')];
  const { minimumPopulation, weight, refreshSeconds, staleAfterSeconds } = regions;
  if (!Number.isInteger(minimumPopulation) || minimumPopulation < 1)
    faults.push(outOfRange('regions.minimumPopulation', minimumPopulation, 'a whole number from 1'));
  if (!(weight > 0 && Number.isFinite(weight)))
    faults.push(outOfRange('regions.weight', weight, 'a number of uses above 0'));
  if (!Number.isInteger(refreshSeconds) || refreshSeconds < 1)
    faults.push(outOfRange('regions.refreshSeconds', refreshSeconds, 'a whole number from 1'));
  if (!Number.isInteger(staleAfterSeconds) || staleAfterSeconds <= refreshSeconds)
    faults.push(
      outOfRange(
        'regions.staleAfterSeconds',
        staleAfterSeconds,
        'a whole number above regions.refreshSeconds',
      ),
    );
  return faults;
}

function scopeFaults(guardrails: readonly GuardrailScope[], slot: string): readonly ConfigFault[] {
  const root = `${slot}.guardrails`;
  return guardrails.flatMap((guardrail, index) => [
    ...idFaults(guardrails, index, root, 'guardrail'),
    ...countryFaults(guardrail, `${root}[${index}]`),
  ]);
}

function idFaults(
  items: readonly { readonly id: string }[],
  index: number,
  root: string,
  kind: string,
): readonly ConfigFault[] {
  const id = items[index]?.id;
  if (items.findIndex((item) => item.id === id) === index) return [];
  const path = `${root}[${index}].id`;
  const message = `${path} "${id}" is taken by an earlier ${kind}; give it an id of its own.`;
  return [{ code: 'duplicate_id', path, message }];
}

function countryFaults(guardrail: GuardrailScope, path: string): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  (guardrail.countries ?? []).forEach((country, index) => {
    if (!/^[A-Z]{2}$/.test(country)) {
      faults.push({
        code: 'not_a_country',
        path: `${path}.countries[${index}]`,
        message: `${path}.countries[${index}] is "${country}"; write a country as two capital letters, e.g. "SE".`,
      });
    }
  });
  return faults;
}

function orderFaults(guardrail: Guardrail, path: string): readonly ConfigFault[] {
  if (guardrail.rule !== 'order-by-credit') return [];
  const { order } = guardrail;
  const isComplete =
    order.length === CREDIT_KINDS.length && CREDIT_KINDS.every((kind) => order.includes(kind));
  if (isComplete) return [];
  const message = `${path}.order must name each of ${quoted(CREDIT_KINDS)} once.`;
  return [{ code: 'not_a_choice', path: `${path}.order`, message }];
}

function stageFaults({ stages, segments }: StoreConfig, stage: StageName): readonly ConfigFault[] {
  const settings: StageSettings = stages[stage];
  const root = `stages.${stage}`;
  const faults: ConfigFault[] = [];
  if (settings.consentRegime === undefined) {
    faults.push({
      code: 'consent_regime_missing',
      path: `${root}.consentRegime`,
      message:
        `Choose ${root}.consentRegime in store.config.ts before synthesizing ${stage}: "opt-in" (nothing is ` +
        'personalized until the visitor agrees) or "opt-out" (until the visitor refuses).',
    });
  }
  settings.allowedOrigins.forEach((origin, index) => {
    if (!/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/.test(origin)) {
      faults.push({
        code: 'not_an_origin',
        path: `${root}.allowedOrigins[${index}]`,
        message:
          `${root}.allowedOrigins[${index}] is "${origin}"; write scheme and host in lower case without a path, ` +
          'e.g. "https://shop.example".',
      });
    }
  });
  const { alarmEmail } = settings;
  if (alarmEmail !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(alarmEmail)) {
    faults.push({
      code: 'not_an_email',
      path: `${root}.alarmEmail`,
      message: `${root}.alarmEmail is "${alarmEmail}"; write one address, e.g. "oncall@shop.example", or leave it out.`,
    });
  }
  faults.push(...identityFaults(settings.identity, `${root}.identity`));
  const range = (path: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) {
      faults.push(outOfRange(`${root}.${path}`, value, `a whole number from ${least} to ${most}`));
    }
  };
  for (const lane of LANES) {
    const { shards, batchesPerShard, reservedConcurrency } = settings.lanes[lane];
    if (shards !== 'on-demand') range(`lanes.${lane}.shards`, shards, 1, 500);
    range(`lanes.${lane}.batchesPerShard`, batchesPerShard, 1, 10);
    if (reservedConcurrency !== undefined)
      range(`lanes.${lane}.reservedConcurrency`, reservedConcurrency, 1, 1_000);
  }
  const { changes } = settings;
  if (changes !== undefined && changes.shards !== 'on-demand')
    range('changes.shards', changes.shards, 1, 500);
  if (changes !== undefined && !Object.values(segments.named).some(({ announce }) => announce === true))
    faults.push({
      code: 'not_a_choice',
      path: `${root}.changes`,
      message: `${root}.changes is a stream in which nothing would be told: set announce: true in a segment, or leave it out.`,
    });
  range('streamRetentionHours', settings.streamRetentionHours, 24, 168);
  range('decisionDeadlineMs', settings.decisionDeadlineMs, 10, 2_500);
  range('requestsPerSecond', settings.requestsPerSecond, 1, 10_000);
  range('regionsWindowSeconds', settings.regionsWindowSeconds, 0, 300);
  range('auditEveryMinutes', settings.auditEveryMinutes, 15, 360);
  const { traceSampleRate } = settings;
  if (!(traceSampleRate >= 0 && traceSampleRate <= 1))
    faults.push(outOfRange(`${root}.traceSampleRate`, traceSampleRate, 'a share from 0 to 1'));
  if (!LOG_RETENTION_DAYS.includes(settings.logRetentionDays)) {
    faults.push({
      code: 'not_a_choice',
      path: `${root}.logRetentionDays`,
      message: `${root}.logRetentionDays is ${settings.logRetentionDays}; CloudWatch takes ${LOG_RETENTION_DAYS.join(', ')}.`,
    });
  }
  return faults;
}

function identityFaults(identity: IdentitySettings | undefined, root: string): readonly ConfigFault[] {
  if (identity === undefined) return [];
  const { jwks, sharedSecret = true } = identity;
  if (jwks === undefined) {
    const message = `${root}.sharedSecret is false and there is no ${root}.jwks: nobody could vouch for a shopper; set one of them.`;
    return sharedSecret ? [] : [{ code: 'nobody_vouches', path: root, message }];
  }
  const faults: ConfigFault[] = [];
  // An address that names a user or password would put them into logs and templates.
  if (
    !/^(https:\/\/[^\s@/?#]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(\/[^\s#]*)?$/.test(jwks.url)
  ) {
    faults.push({
      code: 'not_an_address',
      path: `${root}.jwks.url`,
      message: `${root}.jwks.url is "${jwks.url}"; write where the keys are published, e.g. "https://login.shop.example/.well-known/jwks.json".`,
    });
  }
  for (const name of ['audience', 'issuer'] as const) {
    if (jwks[name] !== undefined && jwks[name].trim() === '') {
      faults.push({
        code: 'not_a_choice',
        path: `${root}.jwks.${name}`,
        message: `${root}.jwks.${name} is empty; write what tokens must say, or leave it out.`,
      });
    }
  }
  return faults;
}

function outOfRange(path: string, value: number, wanted: string): ConfigFault {
  return { code: 'out_of_range', path, message: `${path} is ${value}; write ${wanted}.` };
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(', ');
}
