import { decodeBrowse, encodeBrowse } from './browse-facet.ts';
import { decodeCheckout, encodeCheckout } from './checkout-facet.ts';
import type { Facts } from './facts.ts';
import type { ItemName, StoredItem } from './item.ts';
import type { Json } from './json.ts';
import { decodeLedger, encodeLedger } from './ledger-codec.ts';
import { standingAt } from './segments/kept-windows.ts';

/**
 * What an account needs of one silent device, as it stood when it was read: it spares that reading. It stands beside
 * the user's own facts, never among them, under the name of its source; so a reader takes either the copy or the
 * device, counts nothing twice, and leaves it lying once the link is gone.
 */
export interface DeviceCopy {
  readonly device: string;
  /** ms; all that the device knew then is in the copy */
  readonly takenAt: number;
  /** `v` of each facet that it was made from; 0: there was none. */
  readonly versions: FacetVersions;
  readonly facts: Facts;
}

export interface FacetVersions {
  readonly checkout: number;
  readonly orders: number;
  readonly browse: number;
}

const PREFIX = 'device#';

export function isDeviceCopy(item: ItemName): boolean {
  return item.startsWith(PREFIX);
}

/** Where the copy of a device stands in its user's partition. */
export function copyName(device: string): ItemName {
  return `${PREFIX}${device}`;
}

/** The item to write on top of `stored`, a former copy of the device if there is one. */
export function encodeCopy(user: string, copy: DeviceCopy, stored: StoredItem | undefined): StoredItem {
  return {
    key: user,
    item: copyName(copy.device),
    v: (stored?.v ?? 0) + 1,
    state: JSON.stringify(stateOf(copy)),
    writtenAt: copy.takenAt,
  };
}

export function decodeCopy(item: StoredItem): DeviceCopy {
  // Of a device that was erased there is none left.
  const { v = [0, 0, 0], f, c, o, b } = JSON.parse(item.state) as Partial<StoredCopy>;
  const [checkout, orders, browse] = v;
  return {
    device: item.item.slice(PREFIX.length),
    takenAt: item.writtenAt ?? 0,
    versions: { checkout, orders, browse },
    facts: {
      exists: checkout + orders + browse > 0,
      checkout: standingAt(f?.[0], decodeCheckout(c)),
      orders: decodeLedger(o),
      browse: standingAt(f?.[0], decodeBrowse(b)),
      ...(f && { freshness: { asOf: f[0], lagMs: f[1] } }),
    },
  };
}

interface StoredCopy {
  readonly v: readonly [checkout: number, orders: number, browse: number];
  readonly f?: readonly [asOf: number, lagMs: number];
  readonly c?: Json;
  readonly o?: Json;
  readonly b?: Json;
}

/** Pages of old orders stay with the device, as for every reader: their sums are in the ledger. */
function stateOf({ versions, facts }: DeviceCopy): StoredCopy {
  const { checkout, orders, browse, freshness } = facts;
  return {
    v: [versions.checkout, versions.orders, versions.browse],
    ...(freshness && { f: [freshness.asOf, freshness.lagMs] }),
    // Which links the device asked for is for its own fold, and what it was shown is counted where it stands.
    ...(versions.checkout > 0 && {
      c: encodeCheckout({ ...checkout, links: [], unlinked: [], shown: [], completed: [] }),
    }),
    ...(versions.orders > 0 && { o: encodeLedger(orders) }),
    ...(versions.browse > 0 && { b: encodeBrowse(browse) }),
  };
}
