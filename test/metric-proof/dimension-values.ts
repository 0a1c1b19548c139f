import { FALLBACK_REASONS } from '../../shared/domain/decide.ts';
import { SHOWN_RUNGS, SHOWN_SLOTS } from '../../shared/domain/shown-orders.ts';

/** All values that the dimensions of our metrics can have; the values of a new dimension must stand here too. */
export const DIMENSION_VALUES: Readonly<Record<string, readonly string[]>> = {
  Lane: ['critical', 'bulk'],
  Reason: FALLBACK_REASONS,
  Rung: SHOWN_RUNGS,
  Slot: SHOWN_SLOTS,
  Function: [
    'collect-events',
    'fold-profiles-critical',
    'fold-profiles-bulk',
    'count-regions',
    'audit-profiles',
    'decide-checkout',
    'read-profile',
    'erase-profile',
  ],
};
