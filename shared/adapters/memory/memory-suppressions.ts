import type { Suppression } from '../../domain/erasure.ts';
import { StoreUnavailable } from '../../ports/profile-store.ts';
import type { SuppressionReader, Suppressions } from '../../ports/suppressions.ts';
import { faultPlan, type Faults } from './faults.ts';

/** {@link Suppressions} in memory, for tests. */
export function memorySuppressions(): Suppressions & SuppressionReader & Faults {
  const known = new Map<string, Suppression>();
  const faults = faultPlan((message, options) => new StoreUnavailable(message, options));
  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    record: (suppression) =>
      faults.run(() => {
        const { key, erasedAt } = suppression;
        const before = known.get(key);
        if (before !== undefined && before.erasedAt >= erasedAt) return before.erasedAt;
        known.set(key, { ...suppression });
        return erasedAt;
      }),
    find: (key) => faults.run(() => known.get(key)),
    async *all() {
      yield* known.values();
    },
  };
}
