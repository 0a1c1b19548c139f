import type { AuditState } from '../../domain/audit.ts';
import { AuditStatesUnavailable, type AuditStates } from '../../ports/audit-states.ts';
import { faultPlan, type Faults } from './faults.ts';

/** What audits leave to each other, in memory, for tests. */
export function memoryAuditStates(): AuditStates & Faults {
  const faults = faultPlan((message, options) => new AuditStatesUnavailable(message, options));
  let kept: AuditState | null = null;
  return {
    failNext: (mode, calls) => faults.failNext(mode, calls),
    load: () => faults.run(() => structuredClone(kept)),
    save(state) {
      const copy = structuredClone(state);
      return faults.run(() => {
        kept = copy;
      });
    },
  };
}
