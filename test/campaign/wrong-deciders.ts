import { storeBreaker, type StoreBreaker } from '../../functions/decide-checkout/store-breaker.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import type { Timer } from '../../shared/ports/timer.ts';
import type { DeciderChange } from './decision-run.ts';

const changed =
  (change: (inner: StoreBreaker) => StoreBreaker) =>
  (timer: Timer): StoreBreaker =>
    change(storeBreaker({ timer, log: memoryLog() }));

/** Ways to decide that go well as long as all goes well. */
export const WRONG_DECIDERS: readonly (DeciderChange & { readonly name: string })[] = [
  {
    name: 'waiting without an end',
    timer: (timer) => ({ elapsed: timer.elapsed, abortAfter: () => new AbortController().signal }),
  },
  {
    name: 'leaving a read to itself once its time is up',
    store: (store) => ({ query: (key) => store.query(key) }),
  },
  {
    name: 'trying again after a failure',
    store: (store) => ({
      query: async (key, options) => {
        try {
          return await store.query(key, options);
        } catch {
          return store.query(key, options);
        }
      },
    }),
  },
  {
    name: 'measuring the deadline by a clock that can be set',
    timer: (timer, clock) => ({ ...timer, elapsed: clock.now }),
  },
  { name: 'no breaker', breaker: () => ({ admit: () => ({ settle: () => undefined }) }) },
  {
    name: 'a breaker that never closes',
    breaker: changed((inner) => ({
      admit() {
        const admission = inner.admit();
        return admission && { settle: () => admission.settle('failed') };
      },
    })),
  },
  {
    name: 'a breaker that never tries again',
    breaker: changed((inner) => {
      let isOpen = false;
      return {
        admit() {
          const admission = isOpen ? null : inner.admit();
          isOpen ||= admission === null;
          return admission;
        },
      };
    }),
  },
];
