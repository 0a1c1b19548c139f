import type { ConfigFault } from './check-store-config.ts';
import { choiceFaults, settingFaults } from './known-words.ts';
import type { IdentitySettings, LaneSettings, StageSettings } from './store-config.ts';
import type { Lane } from './stream-event.ts';

/** Typed as records, so that a new setting does not compile until it stands here. */
const SETTINGS: Readonly<Record<keyof StageSettings, true>> = {
  consentRegime: true,
  allowedOrigins: true,
  enhancedFanOut: true,
  lanes: true,
  streamRetentionHours: true,
  pointInTimeRecovery: true,
  onDelete: true,
  logRetentionDays: true,
  regionsWindowSeconds: true,
  decisionDeadlineMs: true,
  requestsPerSecond: true,
  auditEveryMinutes: true,
  traceSampleRate: true,
  alarmEmail: true,
  deployment: true,
  identity: true,
  changes: true,
};
const LANE_SETTINGS: Readonly<Record<keyof LaneSettings, true>> = {
  shards: true,
  batchesPerShard: true,
  reservedConcurrency: true,
};
const IDENTITY: Readonly<Record<keyof IdentitySettings, true>> = { jwks: true, sharedSecret: true };
const JWKS: Readonly<Record<keyof NonNullable<IdentitySettings['jwks']>, true>> = {
  url: true,
  audience: true,
  issuer: true,
};
const CHANGES: Readonly<Record<keyof NonNullable<StageSettings['changes']>, true>> = { shards: true };
const LANES: Readonly<Record<Lane, true>> = { critical: true, bulk: true };
const CONSENT_REGIMES: Readonly<Record<NonNullable<StageSettings['consentRegime']>, true>> = {
  'opt-in': true,
  'opt-out': true,
};
const ON_DELETE: Readonly<Record<StageSettings['onDelete'], true>> = { retain: true, destroy: true };

const DEPLOYMENTS: Readonly<Record<StageSettings['deployment'], true>> = {
  'all-at-once': true,
  canary: true,
};

/** Missing, the first has a fault of its own where a stage needs it. */
const OPTIONAL: ReadonlySet<string> = new Set<keyof StageSettings>([
  'consentRegime',
  'alarmEmail',
  'identity',
  'changes',
]);
const OPTIONAL_OF_IDENTITY: ReadonlySet<string> = new Set<keyof IdentitySettings>(['jwks', 'sharedSecret']);
const OPTIONAL_OF_JWKS: ReadonlySet<string> = new Set(['audience', 'issuer']);
const OPTIONAL_OF_LANE: ReadonlySet<string> = new Set<keyof LaneSettings>(['reservedConcurrency']);

/**
 * Names of settings and choices that there are none of, each with the word that was probably meant: the compiler
 * sees neither what comes from JSON nor what is cast.
 */
export function unknownWordFaults(settings: StageSettings, root: string): readonly ConfigFault[] {
  const faults = settingFaults(settings, SETTINGS, root, OPTIONAL);
  if (faults.length > 0) return faults;
  const { lanes, consentRegime, onDelete, deployment, identity, changes } = settings;
  const ofLanes = settingFaults(lanes, LANES, `${root}.lanes`);
  if (ofLanes.length > 0) return ofLanes;
  const lane = (name: Lane): readonly ConfigFault[] =>
    settingFaults(lanes[name], LANE_SETTINGS, `${root}.lanes.${name}`, OPTIONAL_OF_LANE);
  return [
    ...lane('critical'),
    ...lane('bulk'),
    ...(identity === undefined ? [] : identityFaults(identity, `${root}.identity`)),
    ...(changes === undefined ? [] : settingFaults(changes, CHANGES, `${root}.changes`)),
    ...(consentRegime === undefined
      ? []
      : choiceFaults(consentRegime, CONSENT_REGIMES, `${root}.consentRegime`)),
    ...choiceFaults(onDelete, ON_DELETE, `${root}.onDelete`),
    ...choiceFaults(deployment, DEPLOYMENTS, `${root}.deployment`),
  ];
}

function identityFaults(identity: IdentitySettings, root: string): readonly ConfigFault[] {
  const faults = settingFaults(identity, IDENTITY, root, OPTIONAL_OF_IDENTITY);
  return identity.jwks === undefined
    ? faults
    : [...faults, ...settingFaults(identity.jwks, JWKS, `${root}.jwks`, OPTIONAL_OF_JWKS)];
}
