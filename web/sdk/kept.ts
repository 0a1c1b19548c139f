import type { KeptValues } from './browser.ts';

const PREFIX = 'cartwright.';

/**
 * Values by name that outlive the page where that is possible and allowed, and live as long as the page where it is
 * not. Never throws.
 */
export interface Kept {
  get(name: string): string | null;
  /** @param value null: forget it */
  set(name: string, value: string | null): void;
  /** A value as JSON; null too where it is none. */
  read(name: string): unknown;
  write(name: string, value: object): void;
  names(): readonly string[];
  /** From now on the browser holds these only; what it holds of others goes, and lives on as long as the page. */
  allow(isAllowed: (name: string) => boolean): void;
}

/** @param open the browser's storage; throws or answers null where it is blocked */
export function keptValues(open: () => KeptValues | null): Kept {
  let isAllowed = (_name: string): boolean => true;
  /** What could not be written, or may not be. */
  const memory = new Map<string, string>();
  const attempt = <Value>(use: (storage: KeptValues) => Value): Value | null => {
    try {
      const storage = open();
      return storage && use(storage);
    } catch {
      return null;
    }
  };
  const remove = (name: string): void => {
    attempt((storage) => storage.removeItem(PREFIX + name));
  };
  const kept: Kept = {
    get: (name) => memory.get(name) ?? attempt((storage) => storage.getItem(PREFIX + name)),
    set(name, value) {
      memory.delete(name);
      if (value === null) return remove(name);
      const isWritten =
        isAllowed(name) &&
        attempt((storage) => {
          storage.setItem(PREFIX + name, value);
          return true;
        });
      if (isWritten) return;
      memory.set(name, value);
      // An older value must not come back on the next page.
      remove(name);
    },
    read(name) {
      try {
        return JSON.parse(kept.get(name) ?? 'null') as unknown;
      } catch {
        return null;
      }
    },
    write: (name, value) => kept.set(name, JSON.stringify(value)),
    names() {
      const stored = attempt((storage) =>
        Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
          .filter((key) => key.startsWith(PREFIX))
          .map((key) => key.slice(PREFIX.length)),
      );
      return [...new Set([...memory.keys(), ...(stored ?? [])])];
    },
    allow(allowed) {
      isAllowed = allowed;
      for (const name of kept.names()) kept.set(name, kept.get(name));
    },
  };
  return kept;
}
