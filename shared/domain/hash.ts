const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** By character code; -1: no digit. Every use and every entry of a window that is read has its time in digits. */
const DIGITS = Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));

/**
 * 64 bits of a text as two unsigned 32-bit halves. Fast and well mixed, not cryptographic: good for telling ids
 * within one subject apart, never for secrets (subject keys are HMACs). The multiply-xor mix is cyrb53's
 * (public domain, github.com/bryc/code), without its truncation to 53 bits.
 */
export function hash64(text: string): readonly [high: number, low: number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, low >>> 0];
}

/**
 * An unsigned integer in base64url digits, padded to `width`; the inverse of {@link decodeInteger}.
 *
 * @throws RangeError for what is none: it has no digits, and asking for them would never end
 */
export function encodeInteger(value: number, width: number): string {
  if (!(value >= 0)) throw new RangeError('only an unsigned integer has digits');
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 64)) {
    text = ALPHABET.charAt(rest % 64) + text;
  }
  return text;
}

export function decodeInteger(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index++)
    value = value * 64 + (DIGITS[text.charCodeAt(index)] ?? -1);
  return value;
}

/**
 * A short name for an id: `hashText('order-1', 10)` → 10 characters of base64url, 60 bits.
 * 8 characters (48 bits) tell the few dozen ids of one subject apart, 10 (60 bits) all its orders for ever.
 */
export function hashText(text: string, length: 8 | 10): string {
  const [high, low] = hash64(text);
  const half = length / 2;
  const shift = 32 - half * 6;
  return encodeInteger(high >>> shift, half) + encodeInteger(low >>> shift, half);
}
