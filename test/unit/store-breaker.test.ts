import { storeBreaker, type Admission } from '../../functions/decide-checkout/store-breaker.ts';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';

function breakerUnderTest() {
  const timer = manualTimer();
  const log = memoryLog();
  const breaker = storeBreaker({ timer, log });
  const admitted = (): Admission => {
    const admission = breaker.admit();
    if (admission === null) throw new Error('nobody may try now');
    return admission;
  };
  const fail = (times = 1): void => {
    for (let time = 0; time < times; time++) admitted().settle('failed');
  };
  return { timer, log, breaker, admitted, fail };
}

describe('the breaker', () => {
  test('lets everybody try while the store gives something now and then', () => {
    const { breaker, fail, admitted } = breakerUnderTest();
    for (let round = 0; round < 10; round++) {
      fail(4);
      admitted().settle('answered');
    }
    expect(breaker.admit()).not.toBeNull();
  });

  test('opens after five decisions in a row that got nothing, and says so', () => {
    const { breaker, fail, log } = breakerUnderTest();
    fail(5);
    expect(breaker.admit()).toBeNull();
    expect(log.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { failures: 5, pauseMs: 500 }],
    ]);
  });

  test('after a pause lets one try, and the others only once that one got an answer', async () => {
    const { breaker, fail, timer, admitted, log } = breakerUnderTest();
    fail(5);
    await timer.advance(499);
    expect(breaker.admit()).toBeNull();
    await timer.advance(1);
    const probe = admitted();
    expect(breaker.admit()).toBeNull();
    probe.settle('answered');
    expect([breaker.admit(), breaker.admit()]).not.toContain(null);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  test('pauses twice as long after each try in vain, but never longer than four seconds', async () => {
    const { breaker, fail, timer } = breakerUnderTest();
    fail(5);
    for (const pauseMs of [500, 1_000, 2_000, 4_000, 4_000, 4_000]) {
      await timer.advance(pauseMs - 1);
      expect(breaker.admit()).toBeNull();
      await timer.advance(1);
      fail();
    }
  });

  test('begins with a short pause again once the store was well', async () => {
    const { breaker, fail, timer, admitted } = breakerUnderTest();
    fail(5);
    await timer.advance(500);
    fail();
    await timer.advance(1_000);
    admitted().settle('answered');
    fail(4);
    expect(breaker.admit()).not.toBeNull();
    fail();
    await timer.advance(500);
    expect(breaker.admit()).not.toBeNull();
  });

  test('is not opened anew by decisions that began before it opened', async () => {
    const { breaker, admitted, fail, timer, log } = breakerUnderTest();
    const slow = [admitted(), admitted(), admitted()];
    fail(5);
    await timer.advance(400);
    for (const admission of slow) admission.settle('failed');
    await timer.advance(100);
    expect(breaker.admit()).not.toBeNull();
    expect(log.lines).toHaveLength(1);
  });
});
