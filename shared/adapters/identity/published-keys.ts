import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/telemetry.ts';
import type { Timer } from '../../ports/timer.ts';
import { stopwatch, type Stopwatch } from '../stopwatch.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { verificationKeysOf, type VerificationKey } from './verification-keys.ts';

/** Keys of this age are fetched again, beside the requests that use them: so long a withdrawn key is still taken. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** Keys that could not be fetched again for so long are not used any more. */
const KEPT_MS = 60 * 60_000;
/** Whoever makes up names of keys has them fetched no more often than this. */
const COOLDOWN_MS = 30_000;
/** Other than for a name that is new, they are fetched no more often than this. */
const RETRY_AFTER_MS = 5_000;
/** Nobody waits so long; it ends what would never end. */
const FETCH_WITHIN_MS = 2_000;
/** Names of keys that are known not to be published; the oldest is forgotten first. */
const MAX_ABSENT = 64;

/** A name that no key goes by: of tokens that do not name theirs. */
const UNNAMED = '';

export type FoundKeys =
  | { readonly status: 'found'; readonly keys: readonly VerificationKey[] }
  /** There is no such key: the issuer has been asked since somebody first named it. */
  | { readonly status: 'absent' }
  /** There may be such a key. */
  | { readonly status: 'unavailable' };

/** The keys with which an issuer signs, as it publishes them; kept in memory, each running function its own. */
export interface PublishedKeys {
  /** The keys that a token may be signed with which names `kid`. Never rejects; `signal` ends the waiting only. */
  find(kid: string | undefined, signal?: AbortSignal): Promise<FoundKeys>;
  /** The same, where none of those that {@link find} gave did fit: they may have been replaced under their name. */
  findNewer(kid: string | undefined, signal?: AbortSignal): Promise<FoundKeys>;
}

export interface PublishedKeysOptions {
  /** The issuer's document; rejects if it does not come. */
  readonly fetchKeys: (signal: AbortSignal) => Promise<unknown>;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Log;
}

export function publishedKeys({ fetchKeys, clock, timer, log }: PublishedKeysOptions): PublishedKeys {
  let known: { readonly keys: readonly VerificationKey[]; readonly age: Stopwatch } | undefined;
  /** Since the last fetch began, and since the last that began for a key that was not there. */
  let tried: Stopwatch | undefined;
  let sought: Stopwatch | undefined;
  let hasFailed = false;
  let fetching: Promise<void> | undefined;
  /** What was asked for and is not there, as of a fetch that began later. */
  const absent = new Set<string>();

  async function refresh(started: Stopwatch): Promise<void> {
    try {
      const signal = timer.abortAfter(FETCH_WITHIN_MS);
      const keys = await verificationKeysOf(await unlessAborted(fetchKeys(signal), signal));
      known = { keys, age: started };
      if (hasFailed) log.info('the keys of identity tokens are there again', { keys: keys.length });
      hasFailed = false;
    } catch (error) {
      hasFailed = true;
      log.warn('the keys of identity tokens cannot be fetched', { hasKeys: usable() !== undefined }, error);
    } finally {
      fetching = undefined;
    }
  }

  const usable = (): readonly VerificationKey[] | undefined =>
    known !== undefined && known.age() <= KEPT_MS ? known.keys : undefined;

  function fetchAgain(): Promise<void> {
    tried = stopwatch({ clock, timer });
    return (fetching ??= refresh(tried));
  }
  const isTooSoon = (): boolean => tried !== undefined && tried() < RETRY_AFTER_MS;
  const isSoughtTooSoon = (): boolean =>
    (hasFailed && isTooSoon()) || (sought !== undefined && sought() < COOLDOWN_MS);

  const waitFor = async (fetch: Promise<void>, signal: AbortSignal | undefined): Promise<void> => {
    await (signal === undefined ? fetch : unlessAborted(fetch, signal).catch(() => undefined));
  };

  const among = (keys: readonly VerificationKey[], kid: string | undefined): readonly VerificationKey[] =>
    kid === undefined ? keys : keys.filter((key) => key.kid === kid);

  async function findNewer(kid: string | undefined, signal?: AbortSignal): Promise<FoundKeys> {
    const before = known;
    const name = kid ?? UNNAMED;
    // A fetch that is under way may have begun before the key was published.
    const isLate = fetching !== undefined;
    if (!isLate && !isSoughtTooSoon()) {
      sought = stopwatch({ clock, timer });
      void fetchAgain();
    }
    if (fetching !== undefined) await waitFor(fetching, signal);
    const isNewer = known !== before && usable() !== undefined;
    const keys = isNewer ? among(usable() ?? [], kid) : [];
    if (keys.length > 0) return { status: 'found', keys };
    if (isNewer && !isLate) remember(name);
    return absent.has(name) && usable() !== undefined ? { status: 'absent' } : { status: 'unavailable' };
  }

  function remember(name: string): void {
    absent.delete(name);
    absent.add(name);
    if (absent.size > MAX_ABSENT) absent.delete([...absent][0] ?? name);
  }

  return {
    async find(kid, signal) {
      const isDue = known === undefined || known.age() >= REFRESH_AFTER_MS;
      if (isDue && fetching === undefined && !isTooSoon()) void fetchAgain();
      // Only who has no keys at all has to wait for them.
      if (usable() === undefined && fetching !== undefined) await waitFor(fetching, signal);
      const usableNow = usable();
      if (usableNow === undefined) return { status: 'unavailable' };
      const keys = among(usableNow, kid);
      return keys.length > 0 ? { status: 'found', keys } : findNewer(kid, signal);
    },
    findNewer,
  };
}
