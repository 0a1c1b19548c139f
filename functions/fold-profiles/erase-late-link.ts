import { eraseSubject, eraseTie, type ErasePorts } from '../../shared/adapters/erase-subject.ts';
import { facetsToErase, isErased, isErasedAsOf, type LateLink } from '../../shared/domain/erasure.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import { storeOwner } from './store-link.ts';

/**
 * Erases what a device knows of a user who was erased before the event came that says whose device it is, and that it ever was
 * theirs. One that somebody else was proven on is found to be shared, as it would have been had the event come in time: it speaks for
 * nobody anyway, and is left as it is, unless its erasing was begun before that was known. Repeated, it completes what an earlier try
 * may have left, and does nothing else.
 */
export async function eraseLateLink({ link, erasedAt }: LateLink, ports: ErasePorts): Promise<void> {
  const { user, device, at } = link;
  const { store, clock } = ports;
  const isShared = await storeOwner(link, store, clock);
  const facets = await store.read(facetsToErase('device').map((item) => ({ key: device, item })));
  const isBegun = facets.some((facet) => isErased(facet, at));
  if (!isShared || isBegun) {
    const asOf = isErasedAsOf(facets, at) ? earliestErasing(facets) : erasedAt;
    await eraseSubject({ key: device, kind: 'device', erasedAt: asOf }, ports);
  }
  await eraseTie(user, device, erasedAt, ports);
}

/** What came between the first and a later erasing of its user is the device's own. */
function earliestErasing(facets: readonly StoredItem[]): number {
  return Math.min(...facets.map((facet) => facet.erasedAt ?? 0));
}
