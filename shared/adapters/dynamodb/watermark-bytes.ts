import type { Watermark } from '../../domain/item.ts';

/**
 * A watermark in about 30 bytes: the incarnation's length (one byte), the incarnation (UTF-8), the sequence
 * number as an unsigned big-endian integer. DynamoDB's numbers end at 38 digits, Kinesis' sequence numbers do not.
 *
 * @throws RangeError if the incarnation is longer than 255 bytes or the sequence is no canonical decimal number
 */
export function packWatermark({ incarnation, sequence }: Watermark): Uint8Array {
  const name = Buffer.from(incarnation);
  if (name.length > 255) throw new RangeError('an incarnation has at most 255 bytes');
  if (!/^(0|[1-9]\d*)$/.test(sequence)) throw new RangeError('a sequence number is a decimal number');
  const hex = BigInt(sequence).toString(16);
  const digits = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return Buffer.concat([Buffer.of(name.length), name, digits]);
}

/** @throws RangeError if the bytes are not those of {@link packWatermark} */
export function unpackWatermark(bytes: Uint8Array): Watermark {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 1 + (buffer[0] ?? 0);
  if (buffer.length <= end) throw new RangeError('a packed watermark is cut short');
  return {
    incarnation: buffer.toString('utf8', 1, end),
    sequence: BigInt(`0x${buffer.toString('hex', end)}`).toString(),
  };
}
