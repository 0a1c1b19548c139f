import { eraseSubject, type ErasePorts } from '../../shared/adapters/erase-subject.ts';
import { facetsToErase, isErasedAsOf, type LateLink } from '../../shared/domain/erasure.ts';
import { storeOwner } from './store-link.ts';

/**
 * Erases what a device knows of a user who was erased before the event came that says whose device it is. One that somebody
 * else was proven on is found to be shared, as it would have been had the event come in time: it speaks for nobody anyway.
 * Repeated, it does nothing.
 */
export async function eraseLateLink({ link, erasedAt }: LateLink, ports: ErasePorts): Promise<void> {
  const { store, clock } = ports;
  if (await storeOwner(link, store, clock)) return;
  const facets = await store.read(facetsToErase('device').map((item) => ({ key: link.device, item })));
  if (isErasedAsOf(facets, link.at)) return;
  await eraseSubject({ key: link.device, kind: 'device', erasedAt }, ports);
}
