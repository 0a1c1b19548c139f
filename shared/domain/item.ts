/**
 * The facets of a subject, each written by one lane: `checkout`, `orders` and `claims` by critical, `browse` and
 * `claims-browse` by bulk. The two claims facets hold what was said of a user without proof and without a device.
 */
export type FacetName = 'checkout' | 'orders' | 'browse' | 'claims' | 'claims-browse';

/** Pages sort after every other item, so that a Query can leave them out. */
export const FIRST_PAGE = 'orders#';

/**
 * The items of a subject's partition: facets; `orders#0` … `orders#f`, pages of old orders; `link`, a device's
 * owner; `link#<device key>`, a user's proven device; `link#~0` … `link#~7`, devices that claim a user unproven;
 * `device#<device key>`, a copy of what a silent device of the user knows; `membership`, the announced segments.
 */
export type ItemName =
  FacetName | `orders#${string}` | 'link' | `link#${string}` | `device#${string}` | 'membership';

/**
 * Up to where a facet has applied its stream. `incarnation` names one life of a stream: positions of different
 * incarnations are never compared. Kinesis sequence numbers have up to 56 digits: strings, never numbers.
 */
export interface Watermark {
  readonly incarnation: string;
  readonly sequence: string;
}

/**
 * How far a facet has come, in the two lives of its stream that it last heard of: while a stream gives way to its next life,
 * either may still be delivered, and delivered again.
 */
export interface Reach {
  /** In the life that it heard of last. */
  readonly watermark?: Watermark;
  /** In the one before. Absent: there was none. */
  readonly formerWatermark?: Watermark;
}

/** One stored item. `state` is JSON text: measured, it costs a reader less than native attributes. */
export interface StoredItem extends Reach {
  readonly key: string;
  readonly item: ItemName;
  /** Grows by one with each write, from 1; the only thing a write's condition looks at. */
  readonly v: number;
  readonly state: string;
  /**
   * Names the first record the facet took (see `positionName`): whoever has that record and all behind it has the
   * facet's whole history.
   */
  readonly first?: string;
  /** 48-bit hashes of the newest messages, newest last. */
  readonly ring?: Uint8Array;
  /** `receivedAt` of the newest event applied, ms. */
  readonly newestReceivedAt?: number;
  /** When the item was written, ms. */
  readonly writtenAt?: number;
  /**
   * Its subject was erased: what happened up to then (ms, inclusive) is gone and never comes back. Stays for ever, so
   * that whoever writes the item knows it without asking anywhere else.
   */
  readonly erasedAt?: number;
}
