import type { Browser } from './browser.ts';
import type { Kept } from './kept.ts';

/** Half an hour without anything done ends a session. */
const SESSION_IDLE_MS = 30 * 60_000;
const UTM = /^utm_(source|medium|campaign|term|content|id)$/;

export type Campaign = Readonly<Record<string, string>>;

export interface Session {
  /** When it began, ms: its name too. */
  readonly id: number;
  readonly isNew: boolean;
  readonly campaign: Campaign | undefined;
}

/** Who is here, by their own account, and since when. Other tabs are asked too: who logs out there is out here. */
export interface Visit {
  readonly anonymousId: string;
  readonly userId: string | undefined;
  /** Takes note of the user. Somebody else than before needs a new visitor first. */
  name(userId: string): void;
  /** The session as of now; to ask is to go on with it. */
  session(): Session;
  /** A new visitor, whom nothing connects with the one before. */
  forget(): void;
}

interface KeptIdentity {
  readonly anonymousId: string;
  readonly userId?: string;
}

interface KeptSession {
  readonly id: number;
  readonly activeAt: number;
  readonly campaign?: Campaign;
}

export function currentVisit(browser: Browser, kept: Kept): Visit {
  const identity = (): KeptIdentity => {
    const known = kept.read('visitor') as KeptIdentity | null;
    if (known?.anonymousId) return known;
    return keep({ anonymousId: browser.newId() });
  };
  const keep = (visitor: KeptIdentity): KeptIdentity => {
    kept.write('visitor', visitor);
    return visitor;
  };
  const visit: Visit = {
    get anonymousId() {
      return identity().anonymousId;
    },
    get userId() {
      return identity().userId;
    },
    name(userId) {
      keep({ anonymousId: identity().anonymousId, userId });
    },
    session() {
      const now = browser.now();
      const before = kept.read('session') as KeptSession | null;
      const isNew = !before || !(now - before.activeAt < SESSION_IDLE_MS);
      const campaign = campaignIn(browser.page().url) ?? (isNew ? undefined : before.campaign);
      const session = { id: isNew ? now : before.id, campaign };
      kept.write('session', { ...session, activeAt: now } satisfies KeptSession);
      return { ...session, isNew };
    },
    forget() {
      kept.set('session', null);
      keep({ anonymousId: browser.newId() });
    },
  };
  return visit;
}

/** Segment's `context.campaign`: the `utm_` parameters, of which `utm_campaign` is its `name`. */
function campaignIn(url: string): Campaign | undefined {
  const found = [...new URL(url).searchParams].flatMap(([name, value]) => {
    const part = UTM.exec(name)?.[1];
    return part && value ? [[part === 'campaign' ? 'name' : part, value.slice(0, 200)] as const] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
