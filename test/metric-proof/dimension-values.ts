import { FALLBACK_REASONS } from '../../shared/domain/decide.ts';

/** All values that the dimensions of our metrics can have; the values of a new dimension must stand here too. */
export const DIMENSION_VALUES: Readonly<Record<string, readonly string[]>> = {
  Lane: ['critical', 'bulk'],
  Reason: FALLBACK_REASONS,
  Function: [
    'collect-events',
    'fold-profiles-critical',
    'fold-profiles-bulk',
    'count-regions',
    'audit-profiles',
    'decide-checkout',
    'read-profile',
  ],
};
