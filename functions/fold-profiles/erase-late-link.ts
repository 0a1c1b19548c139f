import { eraseSubject, eraseTie, isTieErased, type ErasePorts } from '../../shared/adapters/erase-subject.ts';
import { facetsToErase, isErasedAsOf, type LateLink } from '../../shared/domain/erasure.ts';
import { storeOwner } from './store-link.ts';

/**
 * Erases what a device knows of a user who was erased before the event came that says whose device it is, and that it ever was
 * theirs. One that somebody else was proven on is found to be shared, as it would have been had the event come in time: it speaks for
 * nobody anyway. Repeated, it does nothing; what ties the two goes last, so that it tells whether an earlier try came to its end.
 */
export async function eraseLateLink({ link, erasedAt }: LateLink, ports: ErasePorts): Promise<void> {
  const { user, device, at } = link;
  const { store, clock } = ports;
  if (!(await storeOwner(link, store, clock))) {
    const facets = await store.read(facetsToErase('device').map((item) => ({ key: device, item })));
    if (isErasedAsOf(facets, at) && (await isTieErased(user, device, at, ports))) return;
    await eraseSubject({ key: device, kind: 'device', erasedAt }, ports);
  }
  await eraseTie(user, device, erasedAt, ports);
}
