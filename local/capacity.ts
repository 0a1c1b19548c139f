/**
 * What DynamoDB charges, computed from the bytes on the wire by its published rules (an emulator's own
 * `ConsumedCapacity` says 0 for a read that finds nothing, where DynamoDB charges its minimum):
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */

/** An attribute value of DynamoDB's JSON, of the types that are counted here. */
export interface WireValue {
  readonly S?: string;
  readonly N?: string;
  /** base64 */
  readonly B?: string;
}

export type WireItem = Readonly<Record<string, WireValue>>;

/** Bytes that an item is charged for: names and values. */
export function itemBytes(item: WireItem): number {
  return Object.entries(item).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes({ S, N, B }: WireValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (B !== undefined) return Buffer.byteLength(B, 'base64');
  if (N === undefined) throw new TypeError('only strings, numbers and bytes are counted');
  const digits = N.replace(/^-/, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (N.startsWith('-') ? 1 : 0);
}

/** Of the larger of what was there and what is there now. A write refused by its condition costs the same. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

/** GetItem and BatchGetItem round each item up by itself, a Query the sum of what it reads. */
export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}
