import type { ConfigFault } from './check-store-config.ts';
import { nearestWord } from './nearest-word.ts';
import type { LaneSettings, StageSettings } from './store-config.ts';
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
};
const LANE_SETTINGS: Readonly<Record<keyof LaneSettings, true>> = { shards: true, batchesPerShard: true };
const LANES: Readonly<Record<Lane, true>> = { critical: true, bulk: true };
const CONSENT_REGIMES: Readonly<Record<NonNullable<StageSettings['consentRegime']>, true>> = {
  'opt-in': true,
  'opt-out': true,
};
const ON_DELETE: Readonly<Record<StageSettings['onDelete'], true>> = { retain: true, destroy: true };

/** Missing, the first has a fault of its own where a stage needs it. */
const OPTIONAL: ReadonlySet<string> = new Set<keyof StageSettings>(['consentRegime', 'alarmEmail']);

/**
 * Names of settings and choices that there are none of, each with the word that was probably meant: the compiler
 * sees neither what comes from JSON nor what is cast.
 */
export function unknownWordFaults(settings: StageSettings, root: string): readonly ConfigFault[] {
  const faults = settingFaults(settings, Object.keys(SETTINGS), root);
  if (faults.length > 0) return faults;
  const { lanes, consentRegime, onDelete } = settings;
  const ofLanes = settingFaults(lanes, Object.keys(LANES), `${root}.lanes`);
  if (ofLanes.length > 0) return ofLanes;
  const lane = (name: Lane): readonly ConfigFault[] =>
    settingFaults(lanes[name], Object.keys(LANE_SETTINGS), `${root}.lanes.${name}`);
  return [
    ...lane('critical'),
    ...lane('bulk'),
    ...(consentRegime === undefined
      ? []
      : choiceFaults(consentRegime, Object.keys(CONSENT_REGIMES), `${root}.consentRegime`)),
    ...choiceFaults(onDelete, Object.keys(ON_DELETE), `${root}.onDelete`),
  ];
}

function settingFaults(
  settings: object | undefined,
  known: readonly string[],
  root: string,
): readonly ConfigFault[] {
  const given = Object.keys(settings ?? {});
  const unknown = given.filter((name) => !known.includes(name));
  const meant = unknown.map((name) => nearestWord(name, known));
  // A misspelt setting is missing too; once is enough to say so.
  const missing = known.filter(
    (name) => !OPTIONAL.has(name) && !given.includes(name) && !meant.includes(name),
  );
  return [
    ...unknown.map((name): ConfigFault => ({
      code: 'unknown_setting',
      path: `${root}.${name}`,
      message: `There is no setting ${root}.${name}${hint(name, known)}`,
    })),
    ...missing.map((name): ConfigFault => ({
      code: 'missing_setting',
      path: `${root}.${name}`,
      message: `${root}.${name} is missing; store.config.ts must set it.`,
    })),
  ];
}

function choiceFaults(choice: unknown, known: readonly string[], path: string): readonly ConfigFault[] {
  if (typeof choice === 'string' && known.includes(choice)) return [];
  const said = JSON.stringify(choice) ?? 'missing';
  return [{ code: 'not_a_choice', path, message: `${path} is ${said}${hint(String(choice), known)}` }];
}

function hint(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  const words = known.map((one) => `"${one}"`).join(', ');
  return nearest === null ? `; write one of ${words}.` : `: did you mean "${nearest}"?`;
}
