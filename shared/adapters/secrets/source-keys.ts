import { createHash, timingSafeEqual } from 'node:crypto';
import type { SourceKeys } from '../../ports/identity.ts';

/**
 * The browser write key and the secret key of a stage. Digests are compared, in constant time and always both,
 * so that an answer's time tells neither a key's length nor how much of it was right.
 *
 * @example
 * sourceKeys({ writeKey: 'wk_local', secretKey: 'sk_local' }).sourceOf('wk_local'); // 'browser'
 */
export function sourceKeys(keys: { readonly writeKey: string; readonly secretKey: string }): SourceKeys {
  const browser = digest(keys.writeKey);
  const server = digest(keys.secretKey);
  return {
    sourceOf(key) {
      const given = digest(key);
      const isBrowser = timingSafeEqual(given, browser);
      const isServer = timingSafeEqual(given, server);
      if (isServer) return 'server';
      return isBrowser ? 'browser' : null;
    },
  };
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
