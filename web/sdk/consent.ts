import type { Browser } from './browser.ts';
import type { Kept } from './kept.ts';

/** Purposes by name, as the shop's banner has them. The SDK itself heeds `analytics` and `personalization`. */
export type ConsentCategories = Readonly<Record<string, boolean>>;

export interface Consent {
  /** What each event says of it. Empty: nothing is known, and the stage's regime decides. */
  categories(): ConsentCategories;
  /** Whether what the visitor does may be sent, and anything but the choice itself kept in the browser. */
  allowsEvents(): boolean;
  /** Whether the visitor may be named when a checkout is decided, and its answer kept. */
  allowsPersonal(): boolean;
  choose(categories: ConsentCategories): void;
}

const CHOICE = 'consent';

/**
 * What the visitor has allowed. Global Privacy Control outweighs any choice: then nothing is kept, not even the choice,
 * no behaviour is sent and nothing is personal.
 *
 * @param initial what holds until the visitor has chosen: `{ analytics: false, personalization: false }` where
 *   silence is a no
 */
export function visitorConsent(browser: Browser, kept: Kept, initial: ConsentCategories = {}): Consent {
  const isRefused = browser.refusesTracking();
  const chosenBefore = (): ConsentCategories => (kept.read(CHOICE) ?? {}) as ConsentCategories;
  const consent: Consent = {
    categories: () => ({
      ...initial,
      ...chosenBefore(),
      ...(isRefused && { analytics: false, personalization: false }),
    }),
    allowsEvents: () => consent.categories().analytics !== false,
    allowsPersonal: () => consent.allowsEvents() && consent.categories().personalization !== false,
    choose(chosen) {
      kept.write(CHOICE, { ...chosenBefore(), ...chosen });
      heed();
    },
  };
  const heed = (): void => kept.allow((name) => consent.allowsEvents() || (!isRefused && name === CHOICE));
  heed();
  return consent;
}
