import { hash64 } from './hash.ts';

const BYTES = 6;

/**
 * The newest messages of a facet as 48-bit hashes, newest last: what tells a producer's retry (same `messageId`,
 * new place in the stream) from a new event. Six bytes each, because this ring is the largest part of an item.
 */
export function ringHas(ring: Uint8Array, messageId: string): boolean {
  return holds(ring, hashBytes(messageId));
}

/** What a ring keeps of a message, as 12 hexadecimal digits: a name for it that says nothing of what was sent. */
export function messageMark(messageId: string): string {
  return hashBytes(messageId)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** {@link ringHas} of the message that {@link messageMark} named. */
export function ringHasMark(ring: Uint8Array, mark: string): boolean {
  return holds(
    ring,
    Array.from({ length: BYTES }, (_, index) => Number.parseInt(mark.slice(2 * index, 2 * index + 2), 16)),
  );
}

/** How many messages a ring holds: fewer than its facet's capacity means that none was ever forgotten. */
export function ringLength(ring: Uint8Array): number {
  return ring.length / BYTES;
}

/** The ring with one more message, the oldest beyond `capacity` forgotten. */
export function ringAdd(ring: Uint8Array, messageId: string, capacity: number): Uint8Array {
  const kept = ring.subarray(Math.max(0, ring.length - (capacity - 1) * BYTES));
  const next = new Uint8Array(kept.length + BYTES);
  next.set(kept);
  next.set(hashBytes(messageId), kept.length);
  return next;
}

function holds(ring: Uint8Array, wanted: readonly number[]): boolean {
  // Stryker disable next-line EqualityOperator: behind the end there is no byte that could be the same
  for (let offset = 0; offset < ring.length; offset += BYTES) {
    if (wanted.every((byte, index) => ring[offset + index] === byte)) return true;
  }
  return false;
}

function hashBytes(messageId: string): readonly number[] {
  const [high, low] = hash64(messageId);
  return [
    high >>> 24,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
  ];
}
