import {
  completeErasing,
  eraseSubject,
  eraseTie,
  type ErasePorts,
} from '../../shared/adapters/erase-subject.ts';
import { facetsToErase, isErasedAsOf, type LateLink } from '../../shared/domain/erasure.ts';
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
  if (await storeOwner(link, store, clock)) await completeErasing(device, ports);
  else {
    const facets = await store.read(facetsToErase('device').map((item) => ({ key: device, item })));
    // What came between the first and a later erasing of its user is the device's own.
    const times = facets.map((facet) => facet.erasedAt ?? 0);
    const asOf = isErasedAsOf(facets, at) ? Math.min(...times) : erasedAt;
    await eraseSubject({ key: device, kind: 'device', erasedAt: asOf }, ports);
  }
  await eraseTie(user, device, erasedAt, ports);
}
