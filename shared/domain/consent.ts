import type { ConsentRegime } from './store-config.ts';

/** What is known of a person's choice for one purpose. */
export interface ConsentKnown {
  /** The browser's Global Privacy Control signal (`Sec-GPC: 1`). */
  readonly globalPrivacyControl: boolean;
  /** What the request itself says. */
  readonly stated?: boolean;
  /** What the profile last recorded. */
  readonly recorded?: boolean;
}

/**
 * Whether a purpose may be served. It fails closed: any "no" wins, and in an opt-in regime so does silence.
 */
export function isConsented(regime: ConsentRegime, known: ConsentKnown): boolean {
  if (known.globalPrivacyControl || known.stated === false || known.recorded === false) return false;
  return regime === 'opt-out' || known.stated === true || known.recorded === true;
}
