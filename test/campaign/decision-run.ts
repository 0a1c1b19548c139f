import type { StoreBreaker } from '../../functions/decide-checkout/store-breaker.ts';
import { manualClock, type ManualClock } from '../../shared/adapters/memory/manual-clock.ts';
import { manualTimer, type ManualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import type { TokenVerifier } from '../../shared/ports/identity.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Timer } from '../../shared/ports/timer.ts';
import { seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';
import { checkDecision } from './check-decision.ts';
import { askedDecision } from './decision-shop.ts';
import { damaged, drawFate, meet, OUTAGES, someOdds, type ReadOdds } from './read-weather.ts';
import type { Trial } from './row.ts';

export const DEADLINE_MS = 80;
const PHASES = 5;
const DECISIONS_A_PHASE = 20;
/** No decision waits longer than this for another try once a store is well again. */
const NOTICED_WITHIN_MS = 4_000;
const YEAR_MS = 365 * 86_400_000;
const FAIR: ReadOdds = new Map([['well', 1]]);

/** What of a decision can be made wrong on purpose. */
export interface DeciderChange {
  readonly store?: (store: Pick<ProfileStore, 'query'>) => Pick<ProfileStore, 'query'>;
  readonly breaker?: (timer: Timer) => StoreBreaker;
  readonly timer?: (timer: ManualTimer, clock: ManualClock) => Timer;
}

interface Read {
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  /** In the decision that is under way. */
  state: 'waiting' | 'answered' | 'spoilt' | 'failed';
}

/**
 * One running function through phases of trouble and of fair weather, in time that passes by itself: a hundred decisions, each held to
 * its deadline and to what must be so of any answer, and the breaker to what it is there for.
 */
export async function runDecisions(
  seed: number,
  shop: MemoryStage,
  change: DeciderChange = {},
): Promise<Trial> {
  const random = seededRandom(seed);
  const clock = manualClock(NOW);
  const timer = manualTimer(clock);
  const reads: Read[] = [];
  let odds: ReadOdds = FAIR;
  /** Half of the phases live in a world whose clock is set now and then. */
  let isClockSet = false;
  const maybeJump = (): void => {
    if (isClockSet && random() < 0.1) clock.advance(jump(random));
  };

  const troubled: Pick<ProfileStore, 'query'> = {
    async query(key, { signal } = {}) {
      const read: Read = { key, signal, state: 'waiting' };
      reads.push(read);
      const fate = drawFate(odds, random);
      maybeJump();
      try {
        const items = await meet(fate, () => shop.store.query(key), { timer, random, signal });
        maybeJump();
        const given = damaged(items, fate, random);
        read.state = given === items || items.length === 0 ? 'answered' : 'spoilt';
        return given;
      } catch (error) {
        read.state = 'failed';
        throw error;
      }
    },
  };
  const decisionTimer = change.timer?.(timer, clock) ?? timer;
  const stage = memoryStage({
    decisionStore: change.store?.(troubled) ?? troubled,
    decisionRegions: {
      newest: (place, limit, { signal } = {}) =>
        meet(drawFate(odds, random), () => shop.regionStore.newest(place, limit), { timer, random, signal }),
    },
    tokens: slowly(timer, random, () => odds),
    clock,
    timer: decisionTimer,
    decisionDeadlineMs: DEADLINE_MS,
    ...(change.breaker && { breaker: change.breaker(decisionTimer) }),
  });

  const violations: string[] = [];
  const counts = { decisions: 0, personal: 0, 'fell back': 0, 'did not wait': 0, 'reads in trouble': 0 };
  let slowestMs = 0;
  for (let phase = 0; phase < PHASES; phase++) {
    odds = phase % 2 === 0 ? FAIR : someOdds(random);
    isClockSet = random() < 0.5;
    const [only] = odds.size === 1 ? [...odds.keys()] : [];
    const isOutage = only !== undefined && OUTAGES.has(only);
    const beganAt = timer.elapsed();
    let tried = 0;
    for (let index = 0; index < DECISIONS_A_PHASE; index++) {
      // What is left over from the phase before is none of this one's.
      await timer.advance(random() < 0.2 ? random() * 4_000 : random() * 300);
      maybeJump();
      const asked = askedDecision(random);
      reads.length = 0;
      const enteredAt = timer.elapsed();
      let reply;
      try {
        reply = await timer.until(stage.decide(asked.body, asked.headers));
      } catch (error) {
        violations.push(`no answer: ${error instanceof Error ? error.message : String(error)}`);
        return { counts, violations };
      }
      const spentMs = timer.elapsed() - enteredAt;
      slowestMs = Math.max(slowestMs, spentMs);
      counts.decisions += 1;
      if (spentMs > DEADLINE_MS) violations.push(`an answer after ${Math.ceil(spentMs)} ms`);
      // What was spoilt may be a refusal, and nobody can tell that it stood there.
      const isWhole = reads.every(({ state }) => state !== 'spoilt');
      const { answer, violations: found } = checkDecision(asked, reply, isWhole);
      violations.push(...found);
      violations.push(...readFaults(reads));
      counts['reads in trouble'] += reads.filter(({ state }) => state !== 'answered').length;
      if (answer === undefined) continue;
      const reason = Object.values(answer.slots).find((slot) => slot?.fallbackReason)?.fallbackReason;
      if (answer.source === 'personalized') counts.personal += 1;
      if (reason) counts['fell back'] += 1;
      if (reason === 'breaker-open') counts['did not wait'] += 1;
      if (reason === 'breaker-open' && reads.length > 0)
        violations.push('it read although it was not to wait');
      if (
        !answer.degraded &&
        reads.some(({ state }) => state === 'failed' || state === 'waiting') &&
        !isRefused(answer)
      )
        violations.push('an answer that does not say that something was not read');
      if (reads.length > 0) tried += 1;
      const sinceMs = timer.elapsed() - beganAt;
      if (isOutage && tried > mostTries(sinceMs))
        violations.push(
          `${tried} decisions waited for a store that was out of reach for ${Math.ceil(sinceMs)} ms`,
        );
      if (
        odds === FAIR &&
        reason === 'breaker-open' &&
        enteredAt - beganAt > NOTICED_WITHIN_MS + 1 &&
        tried > 0
      )
        violations.push('the store answers and is not read');
      if (odds === FAIR && index === DECISIONS_A_PHASE - 1 && sinceMs > 2 * NOTICED_WITHIN_MS && tried === 0)
        violations.push('the store is well and nobody tried');
    }
    odds = FAIR;
  }
  return { counts, most: { 'ms for an answer': Math.round(slowestMs * 10) / 10 }, violations };
}

/** Whatever comes of them, reads are tried once, and none goes on when the answer is out. */
function readFaults(reads: readonly Read[]): readonly string[] {
  const violations: string[] = [];
  if (new Set(reads.map(({ key }) => key)).size < reads.length) violations.push('a subject was read twice');
  if (reads.some(({ state, signal }) => state === 'waiting' && signal?.aborted !== true))
    violations.push('a read goes on after the answer');
  return violations;
}

/** Five to find out, and then one after each pause, which doubles up to four seconds. */
function mostTries(elapsedMs: number): number {
  let tries = 6;
  for (let pauseMs = 500, at = 500; at <= elapsedMs; at += pauseMs) {
    tries += 1;
    pauseMs = Math.min(NOTICED_WITHIN_MS, pauseMs * 2);
  }
  return tries;
}

const isRefused = ({ profile }: { readonly profile: { readonly level: string } }): boolean =>
  profile.level === 'none';

function jump(random: Random): number {
  const back = random() < 0.5 ? -1 : 1;
  return back * random() * (random() < 0.5 ? 200 : 10 * YEAR_MS);
}

/** Tokens whose keys have to come from somewhere, in the same weather. */
function slowly(timer: ManualTimer, random: Random, odds: () => ReadOdds): TokenVerifier {
  return {
    async verify(token, _nowMs, { signal } = {}) {
      // The signature is checked on another thread, which this time does not wait for: here the subject is taken as it stands.
      const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
        readonly sub: string;
      };
      const fate = random() < 0.7 ? 'well' : drawFate(odds(), random);
      if (fate === 'well') return { ok: true, userId: sub };
      return meet(fate, () => Promise.resolve({ ok: true, userId: sub } as const), { timer, random, signal });
    },
  };
}
