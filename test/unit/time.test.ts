import fc from 'fast-check';
import { effectiveTime, monthOf, monthText } from '../../shared/domain/time.ts';

const RECEIVED = Date.UTC(2026, 0, 15, 12);
const HOUR = 3_600_000;

describe('effective time', () => {
  test.each<[string, { timestamp?: number; sentAt?: number }, number]>([
    ['nothing said: when it was received', {}, RECEIVED],
    ['only when it was sent: when it was received', { sentAt: RECEIVED - HOUR }, RECEIVED],
    ['the past is believed', { timestamp: RECEIVED - HOUR }, RECEIVED - HOUR],
    ['the future is not', { timestamp: RECEIVED + HOUR }, RECEIVED],
    [
      'a clock an hour ahead is put right',
      { timestamp: RECEIVED + HOUR - 5_000, sentAt: RECEIVED + HOUR },
      RECEIVED - 5_000,
    ],
    [
      'a clock a year behind is put right',
      { timestamp: RECEIVED - 365 * 24 * HOUR - 5_000, sentAt: RECEIVED - 365 * 24 * HOUR },
      RECEIVED - 5_000,
    ],
    [
      'sent before it happened: when it was received',
      { timestamp: RECEIVED, sentAt: RECEIVED - HOUR },
      RECEIVED,
    ],
    ['before 1970 is 1970, a moment after its beginning: 0 is never', { timestamp: -HOUR }, 1],
    ['so is its beginning, which is what becomes of no time', { timestamp: 0 }, 1],
  ])('%s', (_name, times, at) => {
    expect(effectiveTime(times, RECEIVED)).toBe(at);
  });

  test('is never later than the receipt, whatever the client says', () => {
    const millis = fc.integer({ min: -8.64e15, max: 8.64e15 });
    const times = fc.record({ timestamp: millis, sentAt: millis }, { requiredKeys: [] });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 4e12 }), (said, receivedAt) => {
        const at = effectiveTime(said, receivedAt);
        expect(at).toBeGreaterThanOrEqual(1);
        expect(at).toBeLessThanOrEqual(receivedAt);
      }),
    );
  });
});

describe('months', () => {
  test('turn at midnight in UTC', () => {
    const turn = Date.UTC(2026, 2, 1);
    expect(monthText(monthOf(turn - 1))).toBe('2026-02');
    expect(monthText(monthOf(turn))).toBe('2026-03');
  });

  test('count on over the end of the year', () => {
    expect(monthOf(Date.UTC(2026, 0)) - monthOf(Date.UTC(2025, 11))).toBe(1);
    expect(monthText(monthOf(Date.UTC(2025, 11, 31, 23, 59, 59, 999)))).toBe('2025-12');
    expect(monthText(monthOf(0))).toBe('1970-01');
  });
});
