import { runDecisions } from '../decision-run.ts';
import { decisionShop } from '../decision-shop.ts';
import type { Row } from '../row.ts';

export const decisions: Row = {
  name: 'decisions',
  input:
    'store, regions and keys of tokens that are silent, slow, dripping, failing, throttled, missing, corrupt, oversized, each alone and mixed; clocks set forth and back by up to ten years',
  holds:
    '200 within the 80 ms of the deadline, in virtual time; each list a permutation under its guardrails; one attempt a read, ended with the answer; nothing personal where a refusal may be unread; a failing store is tried a little and found again: violations 0',
  aim: { atLeast: 100_000, of: 'decisions' },
  runs: { short: 20, long: 1_000 },
  async open() {
    const shop = await decisionShop();
    return { run: (seed) => runDecisions(seed, shop), close: () => Promise.resolve() };
  },
};
