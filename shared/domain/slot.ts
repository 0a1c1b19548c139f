/** The slots whose options the shop supplies: these are put in order. */
export type RankedSlotName = 'payment' | 'shipping';

export const RANKED_SLOTS: readonly RankedSlotName[] = ['payment', 'shipping'];

/** The parts of a checkout that are decided. */
export type SlotName = RankedSlotName | 'prefill' | 'offers' | 'messages';

/** The slots that exist; a request may name no other. */
export const SLOTS: readonly SlotName[] = [...RANKED_SLOTS, 'prefill', 'offers', 'messages'];
