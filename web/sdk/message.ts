import type { Browser } from './browser.ts';
import type { Consent } from './consent.ts';
import type { Visit } from './visit.ts';

/** The collector's limits for one event. */
const MAX_EVENT_BYTES = 32 * 1024;
const MAX_DEPTH = 24;

export const LIBRARY = { name: 'cartwright-web', version: '1.0.0' } as const;

export type MessageParts =
  | { readonly type: 'track'; readonly event: string; readonly properties?: object | undefined }
  | { readonly type: 'page'; readonly name?: string | undefined; readonly properties?: object | undefined }
  | { readonly type: 'identify'; readonly traits?: object | undefined };

/**
 * One message of the Segment spec as the text that is sent, whenever and however often: its `messageId` is made here,
 * so that a retry is the same message.
 *
 * @throws an error whose message is a code of `onProblem` where the collector would turn it down
 */
export function messageText(
  parts: MessageParts,
  from: {
    readonly browser: Browser;
    readonly consent: Consent;
    readonly visit: Visit;
    readonly referrer: string;
  },
): string {
  const { browser, consent, visit } = from;
  const { id, isNew, campaign } = visit.session();
  const { locale, isMobile, timezone } = browser.device();
  const { url, title } = browser.page();
  const { pathname, search } = new URL(url);
  const page = { path: pathname, referrer: from.referrer, search, title, url };
  const message = {
    ...parts,
    ...(parts.type === 'page' && { properties: { ...page, ...parts.properties } }),
    messageId: browser.newId(),
    anonymousId: visit.anonymousId,
    userId: visit.userId,
    timestamp: new Date(browser.now()).toISOString(),
    context: {
      library: LIBRARY,
      page,
      campaign,
      locale,
      timezone,
      userAgentData: { mobile: isMobile },
      sessionId: id,
      sessionStart: isNew || undefined,
      consent: { categoryPreferences: consent.categories() },
    },
  };
  if (isDeeper(message, MAX_DEPTH)) throw new Error('event-too-deep');
  const text = JSON.stringify(message);
  if (bytesOf(text) > MAX_EVENT_BYTES) throw new Error('event-too-large');
  return text;
}

/** Length in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Also true of what contains itself. */
function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((inner) => isDeeper(inner, limit - 1));
}
