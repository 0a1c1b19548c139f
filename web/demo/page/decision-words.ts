import type { Answer } from '../../sdk/index.ts';

/** The rungs that an answer can stand on, best first, each with what it means. */
export const RUNGS = [
  { rung: 'personalized', title: 'Personal', text: 'Ordered by what this shopper did before.' },
  { rung: 'regional', title: 'Regional', text: 'Ordered by what shoppers around here choose.' },
  { rung: 'default', title: 'Default', text: 'Your own order: nothing is known, or nothing may be used.' },
  { rung: 'cached', title: 'Kept', text: 'No answer in time: the last one, kept in this browser.' },
  { rung: 'store-default', title: 'Built in', text: 'No answer at all: the order that is in the page.' },
] as const;

const REASONS: Readonly<Record<string, string>> = {
  'used-most': 'used most',
  'used-last': 'used last',
  'popular-in-region': 'popular in the region',
  'popular-in-country': 'popular in the country',
  'store-default': "the shop's order",
  cheapest: 'cheapest',
  fastest: 'fastest',
  'below-threshold': 'little is missing',
  'threshold-reached': 'the cart has reached it',
  'store-offer': 'for everybody',
  'store-notice': 'for everybody',
  'time-limited': 'only until its end',
  'cart-left': 'a cart was left on another device',
  'loyalty-known': 'their tier is known',
  'ticket-open': 'a ticket of theirs is open',
};

/** What the default configuration's guardrails hold. */
const GUARDRAILS: Readonly<Record<string, string>> = {
  'se-debit-before-credit': 'Sweden: what is no credit stands before what is.',
  'se-credit-not-preselected': 'Sweden: credit is not preselected.',
  'fi-credit-last': 'Finland: no credit, then perhaps credit, then credit.',
  'fi-nothing-preselected': 'Finland: no way to pay is preselected.',
  'cheapest-preselected': 'Only the cheapest delivery may be preselected.',
  'no-preticked-add-ons': 'No offer is ticked in advance.',
};

const SHORTFALLS: Readonly<Record<NonNullable<Answer['reason']>, string>> = {
  timeout: 'The answer was not there in time.',
  offline: 'This browser is offline.',
  network: 'The API could not be reached.',
  http: 'The API answered with an error.',
  withdrawn: 'The shopper has signed out or withdrawn meanwhile.',
  error: 'Something went wrong in the page.',
};

const FALLBACKS: Readonly<Record<string, string>> = {
  'store-unavailable': 'the profile store cannot be reached',
  deadline: 'the profile store was too slow',
  'breaker-open': 'the profile store kept failing and is left alone for a moment',
  'consent-unread': 'the consent of all their devices could not be read',
  'slot-failed': 'a part of the decision failed',
  'profile-unreadable': 'the profile cannot be read',
};

export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? inWords(reason);
}

export function guardrailInWords(id: string): string {
  return GUARDRAILS[id] ?? inWords(id);
}

export function shortfallInWords(reason: NonNullable<Answer['reason']>): string {
  return SHORTFALLS[reason] ?? inWords(reason);
}

export function fallbackInWords(reason: string): string {
  return FALLBACKS[reason] ?? inWords(reason);
}

/** @example inWords('loyalty-gold') // 'loyalty gold' */
export function inWords(id: string): string {
  return id.replaceAll(/[-_]/g, ' ');
}

/** @example sinceInWords(90_000) // '2 min ago' */
export function sinceInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
