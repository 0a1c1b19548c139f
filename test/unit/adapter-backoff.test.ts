import { backoff } from '../../shared/adapters/backoff.ts';
import { manualPauses } from '../../shared/adapters/memory/manual-pauses.ts';

const limits = { budgetMs: 1_000, baseMs: 10, capMs: 50 };

test('pauses double up to their cap', async () => {
  const pauses = manualPauses(0.5);
  const retries = backoff(limits, pauses);
  for (let tries = 0; tries < 5; tries += 1) await retries.pause();
  expect(pauses.slept).toEqual([5, 10, 20, 25, 25]);
});

test('chance decides how much of a pause is taken', async () => {
  const pauses = manualPauses(0);
  await backoff(limits, pauses).pause();
  expect(pauses.slept).toEqual([0]);
});

test('a pause that the budget has no room for is not taken', async () => {
  const pauses = manualPauses(0.5);
  const retries = backoff({ ...limits, budgetMs: 16 }, pauses);
  expect([await retries.pause(), await retries.pause(), await retries.pause()]).toEqual([true, true, false]);
  expect(pauses.now()).toBe(15);
});
