import { setTimeout as pause } from 'node:timers/promises';
import { BROWSER, eventually, SERVER, startLocalStack } from '../../e2e/local-stack.ts';
import { dynaliteTables } from '../../contract/dynalite-table.ts';
import { seededRandom, type Random } from '../../bench/ranking/seeded-random.ts';
import { NOW, tokenFor } from '../../memory-stage.ts';
import { checkDecision } from '../check-decision.ts';
import { askedDecision, REFUSING, shopHistory, USERS, type Doors } from '../decision-shop.ts';
import type { Row } from '../row.ts';
import { wireProxy, type WireFate, type WireOdds } from '../wire-proxy.ts';

const DECISIONS_A_RUN = 100;
/** So slowly that a breaker opens and closes within one run. */
const PAUSE_MS = 100;
const TROUBLES = [
  'slow',
  'hung',
  'drip',
  'fault',
  'throttled',
  'turned away',
  'missing table',
  'closed',
  'reset',
  'truncated',
] as const satisfies readonly WireFate[];

const DOORS: Doors = {
  asServer: SERVER,
  asBrowser: BROWSER,
  tokenFor: (userId) =>
    tokenFor(userId, {
      secret: 'local-identity-secret',
      seconds: Math.floor((Date.now() - NOW) / 1000) + 600,
    }),
};

export const stackDecisions: Row = {
  name: 'decisions, on the local stack',
  input:
    'the synthesized stack over HTTP, its DynamoDB behind the proxy: hung, dripping, slow, 500, throttled, 400, missing table, closed, reset, cut, each alone and mixed, and fair weather between',
  holds: 'every answer valid: 200, its lists, its guardrails, nothing of who refused: violations 0',
  runs: { short: 2, long: 60 },
  async open() {
    const tables = await dynaliteTables();
    const proxy = await wireProxy(tables.server);
    const stack = await startLocalStack({ AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint });
    const close = async (): Promise<void> => {
      proxy.plan(Math.random, {});
      await stack.stop();
      await proxy.close();
      await tables.close();
    };
    try {
      for (const { source, batch } of shopHistory())
        await stack.post('/v1/batch', { batch }, source === 'server' ? SERVER : BROWSER);
      const known = async (subject: string, consent: object) =>
        eventually(
          () => stack.get(`/v1/profiles/${encodeURIComponent(subject)}`),
          ({ body }) => body.exists === true && JSON.stringify(body.consent) === JSON.stringify(consent),
          60_000,
        );
      await known('a:device of refusal', { personalization: false });
      for (const user of [...USERS, REFUSING]) await known(`u:${user}`, {});
    } catch (error) {
      await close();
      throw error;
    }
    return {
      close,
      async run(seed) {
        const random = seededRandom(seed);
        const violations: string[] = [];
        const counts = { decisions: 0, personal: 0, 'fell back': 0, 'did not wait': 0 };
        const inTrouble: number[] = [];
        const inFairWeather: number[] = [];
        const before = proxy.inTrouble();
        const odds = someOdds(random);
        for (let index = 0; index < DECISIONS_A_RUN; index++) {
          // The middle of a run is in trouble: what comes after shows that it is over.
          const isTroubled = index >= DECISIONS_A_RUN * 0.2 && index < DECISIONS_A_RUN * 0.5;
          if (index === DECISIONS_A_RUN * 0.2) proxy.plan(random, odds);
          if (index === DECISIONS_A_RUN * 0.5) proxy.plan(random, {});
          const asked = askedDecision(random, DOORS);
          const startedAt = performance.now();
          const reply = await stack.post('/v1/decisions', asked.body, asked.headers);
          (isTroubled ? inTrouble : inFairWeather).push(performance.now() - startedAt);
          const { answer, violations: found } = checkDecision(asked, reply);
          violations.push(...found);
          counts.decisions += 1;
          const reason = Object.values(answer?.slots ?? {}).find(
            (slot) => slot?.fallbackReason,
          )?.fallbackReason;
          if (answer?.source === 'personalized') counts.personal += 1;
          if (reason) counts['fell back'] += 1;
          if (reason === 'breaker-open') counts['did not wait'] += 1;
          await pause(PAUSE_MS);
        }
        return {
          counts: { ...counts, 'requests in trouble': proxy.inTrouble() - before },
          samples: { 'ms in fair weather': inFairWeather, 'ms in trouble': inTrouble },
          violations,
        };
      },
    };
  },
};

/** One kind of trouble and nothing else, or any mixture. */
function someOdds(random: Random): WireOdds {
  const one = TROUBLES[Math.floor(random() * TROUBLES.length)] ?? 'hung';
  if (random() < 0.5) return { [one]: 1 };
  const shares = TROUBLES.map((fate) => [fate, random() / TROUBLES.length] as const);
  return Object.fromEntries(shares);
}
