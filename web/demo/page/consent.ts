import { keep, readKept } from './kept.ts';

/** What may be done with what somebody does here, by purpose. */
export interface Consent {
  readonly personalization: boolean;
  readonly analytics: boolean;
}

export const NOTHING: Consent = { personalization: false, analytics: false };
export const EVERYTHING: Consent = { personalization: true, analytics: true };

/** Global Privacy Control: the browser has answered for the shopper. */
export function isRefusedByBrowser(): boolean {
  return (navigator as { readonly globalPrivacyControl?: boolean }).globalPrivacyControl === true;
}

/** undefined: nothing was chosen yet. */
export function readConsent(): Consent | undefined {
  return readKept('consent', (said) => {
    if (typeof said !== 'object' || said === null) return undefined;
    const { personalization, analytics } = said as Partial<Record<keyof Consent, unknown>>;
    return { personalization: personalization === true, analytics: analytics === true };
  });
}

export function keepConsent(consent: Consent): void {
  keep('consent', consent);
}
