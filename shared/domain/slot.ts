/** The parts of a checkout that are decided. */
export type SlotName = 'payment' | 'shipping';

/** The slots that exist; a request may name no other. */
export const SLOTS: readonly SlotName[] = ['payment', 'shipping'];
