import type { AuditState } from '../domain/audit.ts';

/** What one scheduled audit leaves to the next. Rejects with {@link AuditStatesUnavailable}. */
export interface AuditStates {
  /** `null`: there is none, or none that can be understood. */
  load(): Promise<AuditState | null>;
  /** Replaces what was there. Two audits at a time do no harm: each leaves a state that is true. */
  save(state: AuditState): Promise<void>;
}

export class AuditStatesUnavailable extends Error {
  override readonly name = 'AuditStatesUnavailable';
  readonly code = 'audit_states_unavailable';
}
