import {
  completeErasing,
  eraseDevice,
  eraseTie,
  type ErasePorts,
} from '../../shared/adapters/erase-subject.ts';
import type { LateLink } from '../../shared/domain/erasure.ts';
import { leadsNowhere, leadsToDevice, placeOfDevice } from '../../shared/domain/links.ts';
import { storeOwner } from './store-link.ts';

/**
 * Erases what a device knows of a user who was erased before the event came that says whose device it is, and that it ever was
 * theirs. One that somebody else was proven on is found to be shared, as it would have been had the event come in time: it speaks for
 * nobody anyway, and is left as it is, unless its erasing was begun before that was known. Repeated, it completes what an earlier try
 * may have left, and does nothing else. That one was given back erases nothing: a fold that was under way may have noted it, though.
 */
export async function eraseLateLink({ link, erasedAt }: LateLink, ports: ErasePorts): Promise<void> {
  const { user, device, at } = link;
  const { store, clock, suppressions } = ports;
  const [side] = await store.read([placeOfDevice(user, device)]);
  if (link.isUnlinking) {
    if (side !== undefined && leadsNowhere(side, erasedAt)) await eraseTie(user, device, erasedAt, ports);
    return;
  }
  if (await storeOwner(link, store, clock)) await completeErasing(device, ports);
  else {
    const known = await suppressions.find(device);
    const wasThereAgain = side !== undefined && leadsToDevice(side, erasedAt);
    // What came between the first and a later erasing of its user is the device's own, unless the user was there again.
    const asOf = known !== undefined && known.erasedAt >= at && !wasThereAgain ? known.erasedAt : erasedAt;
    await eraseDevice(device, asOf, ports);
  }
  await eraseTie(user, device, erasedAt, ports);
}
