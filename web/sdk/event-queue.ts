import type { Browser } from './browser.ts';
import type { Kept } from './kept.ts';
import { bytesOf } from './message.ts';

/** What a browser may hold of ours, UTF-16 units: storage gives a whole site five million. */
const MAX_QUEUE_LENGTH = 200_000;
const MAX_QUEUED = 500;
/** How long a page that says nothing is still believed to be there, beyond its next attempt. */
const LEASE_MS = 60_000;
/** Nobody means to wait for longer: what says so was written by a clock that has been set back since. */
const MAX_LEASE_MS = 3_600_000;
const QUEUE = 'queue.';

/**
 * Who vouches for an event. A retry must say the same as the first attempt did, or the event would count for the user
 * and for the device: `+` went with an identity token, `-` without, `?` has not been sent.
 */
export type Vouched = '?' | '+' | '-';

/** An event that waits: its own text behind one character of {@link Vouched}. */
export type Entry = string;

/** Events that are not known to have arrived, oldest first. */
export interface EventQueue {
  add(text: string): void;
  entries(): readonly Entry[];
  /** Notes how these are sent. @returns them as they now are */
  vouch(entries: readonly Entry[], vouched: Vouched): readonly Entry[];
  remove(entries: readonly Entry[]): void;
  /** Takes over what pages left behind that are gone. @returns ms until another may prove to be gone; null: there is none */
  adopt(): number | null;
  /** Says that this page is still there and means to try again after `delayMs`. */
  renew(delayMs: number): void;
  /** Gives up the queue: the page may never come back. Whoever is next may have it at once. */
  release(): void;
  clear(): void;
}

/**
 * Each page writes a queue of its own, so that no two write the same; the first line says until when it is its own. A page
 * that leaves releases it, one that crashes lets it run out. Two may take over the same events at the same moment: then
 * both send the same messages, of which the collector counts one; none is ever lost.
 */
export function eventQueue(browser: Browser, kept: Kept, onFull: () => void): EventQueue {
  const own = QUEUE + browser.newId();
  const read = (name: string): readonly Entry[] => (kept.get(name) ?? '').split('\n').slice(1);
  const write = (entries: readonly Entry[], ownedUntil = browser.now() + LEASE_MS): void => {
    kept.set(own, entries.length === 0 ? null : [ownedUntil, ...entries].join('\n'));
  };
  const bounded = (entries: readonly Entry[]): readonly Entry[] => {
    let room = MAX_QUEUE_LENGTH;
    let first = entries.length;
    while (first > 0 && entries.length - first < MAX_QUEUED) {
      room -= entries[first - 1]?.length ?? 0;
      if (room < 0) break;
      first -= 1;
    }
    if (first > 0) onFull();
    return entries.slice(first);
  };
  return {
    add: (text) => write(bounded([...read(own), `?${text}`])),
    entries: () => read(own),
    vouch(entries, vouched) {
      const named = new Set(entries);
      const change = (entry: Entry): Entry => (named.has(entry) ? vouched + entry.slice(1) : entry);
      write(read(own).map(change));
      return entries.map(change);
    },
    remove(entries) {
      const gone = new Set(entries.map((entry) => entry.slice(1)));
      write(read(own).filter((entry) => !gone.has(entry.slice(1))));
    },
    adopt() {
      let nextMs: number | null = null;
      for (const name of kept.names().filter((key) => key.startsWith(QUEUE) && key !== own)) {
        const leftMs = Number.parseInt(kept.get(name) ?? '', 10) - browser.now();
        if (leftMs > 0 && leftMs < MAX_LEASE_MS) {
          nextMs = Math.min(nextMs ?? leftMs, leftMs);
          continue;
        }
        // Written before it is removed: a crash in between leaves it twice, not nowhere.
        write(bounded([...new Set([...read(name), ...read(own)])]));
        kept.set(name, null);
      }
      return nextMs;
    },
    renew: (delayMs) => write(read(own), browser.now() + delayMs + LEASE_MS),
    release: () => write(read(own), 0),
    clear: () => {
      for (const name of kept.names()) if (name.startsWith(QUEUE)) kept.set(name, null);
    },
  };
}

/** As many of the oldest as go into one request of `maxBytes`. */
export function oldestWithin(entries: readonly Entry[], maxBytes: number): readonly Entry[] {
  let room = maxBytes;
  const fits = entries.findIndex((entry) => (room -= bytesOf(entry)) < 0);
  return fits < 0 ? entries : entries.slice(0, fits);
}
