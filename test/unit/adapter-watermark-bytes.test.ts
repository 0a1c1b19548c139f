import fc from 'fast-check';
import { packWatermark, unpackWatermark } from '../../shared/adapters/dynamodb/watermark-bytes.ts';

const digitsOf = (length: number) =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length - 1, maxLength: length - 1 }),
    )
    .map(([first, rest]) => `${first}${rest.join('')}`);

test.each(Array.from({ length: 60 }, (_, index) => index + 1))('%d digits survive packing', (length) => {
  fc.assert(
    fc.property(digitsOf(length), fc.string({ unit: 'grapheme', maxLength: 16 }), (sequence, incarnation) => {
      expect(unpackWatermark(packWatermark({ incarnation, sequence }))).toEqual({ incarnation, sequence });
    }),
    { numRuns: 20 },
  );
});

test('zero survives packing', () => {
  const watermark = { incarnation: '', sequence: '0' };
  expect(unpackWatermark(packWatermark(watermark))).toEqual(watermark);
});

test('a position on Kinesis takes 33 bytes', () => {
  const sequence = '49665432109876543210987654321098765432109876543210987654';
  expect(packWatermark({ incarnation: 'a1B2c3D4', sequence })).toHaveLength(33);
});

test('bytes that lie within a larger buffer are read from their own start', () => {
  const packed = packWatermark({ incarnation: 'a1B2', sequence: '258' });
  const larger = new Uint8Array(100).fill(7);
  larger.set(packed, 20);
  expect(unpackWatermark(larger.subarray(20, 20 + packed.length))).toEqual({
    incarnation: 'a1B2',
    sequence: '258',
  });
});

test.each(['', '-1', '01', '1.5', '0x1f', '1e9', ' 1', '１'])('%j is no sequence number', (sequence) => {
  expect(() => packWatermark({ incarnation: 'a', sequence })).toThrow(RangeError);
});

test.each([[[]], [[3, 65]], [[2, 65, 66]]])('bytes %j are cut short', (bytes) => {
  expect(() => unpackWatermark(Uint8Array.from(bytes))).toThrow(RangeError);
});
