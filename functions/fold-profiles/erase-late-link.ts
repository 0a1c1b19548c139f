import {
  completeErasing,
  eraseDevice,
  eraseTie,
  type ErasePorts,
} from '../../shared/adapters/erase-subject.ts';
import type { LateLink } from '../../shared/domain/erasure.ts';
import { storeOwner } from './store-link.ts';

/**
 * Erases what a device knows of a user who was erased before the event came that says whose device it is, and that it ever was
 * theirs. One that somebody else was proven on is found to be shared, as it would have been had the event come in time: it speaks for
 * nobody anyway, and is left as it is, unless its erasing was begun before that was known. Repeated, it completes what an earlier try
 * may have left, and does nothing else.
 */
export async function eraseLateLink({ link, erasedAt }: LateLink, ports: ErasePorts): Promise<void> {
  const { user, device, at } = link;
  const { store, clock, suppressions } = ports;
  if (await storeOwner(link, store, clock)) {
    await completeErasing(device, ports);
    await eraseTie(user, device, erasedAt, ports);
    return;
  }
  const known = await suppressions.find(device);
  // What came between the first and a later erasing of its user is the device's own, and what ties the two since then leads to it.
  const asOf = known !== undefined && known.erasedAt >= at ? known.erasedAt : erasedAt;
  await eraseDevice(device, asOf, ports);
  await eraseTie(user, device, asOf, ports);
}
