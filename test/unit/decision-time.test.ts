import { decisionTime } from '../../functions/decide-checkout/decision-time.ts';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';

/** When a signal aborts, in ms since the decision began; the time is moved on to see. */
async function abortsAt(
  begin: (time: ReturnType<typeof decisionTime>) => AbortSignal,
  beforeMs = 0,
  deadlineMs = 80,
) {
  const timer = manualTimer();
  const time = decisionTime(timer, deadlineMs);
  await timer.advance(beforeMs);
  const signal = begin(time);
  while (!signal.aborted) await timer.advance(1);
  return time.spentMs();
}

describe('of the 80 ms of a decision', () => {
  test.each<[string, Parameters<typeof abortsAt>[0], number, number]>([
    ['reads have what is left but for 15 to decide in', (time) => time.reads(), 0, 65],
    ['reads have less where they begin late', (time) => time.reads(), 50, 65],
    ['reads have nothing where it is too late', (time) => time.reads(), 70, 70],
    ['who asks must be known in 28', (time) => time.caller(), 0, 28],
    ['who asks has as much where a function has only just started', (time) => time.caller(), 30, 58],
    ['who asks has no more than reads would have', (time) => time.caller(), 60, 65],
    ['a place never heard of is worth 30', (time) => time.firstRegion(), 10, 40],
    ['a place is worth no more than a profile', (time) => time.firstRegion(), 50, 65],
  ])('%s', async (_name, begin, beforeMs, expected) => {
    expect(await abortsAt(begin, beforeMs)).toBe(expected);
  });

  test('a shorter deadline keeps a quarter for deciding', async () => {
    expect(await abortsAt((time) => time.reads(), 0, 20)).toBe(15);
  });
});
