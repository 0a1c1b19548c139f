import { eraseSubject, type ErasePorts } from '../../shared/adapters/erase-subject.ts';
import { facetsToErase, isErasedAsOf, type LateLink } from '../../shared/domain/erasure.ts';
import { ownerOf } from '../../shared/domain/links.ts';
import { storeOwner } from './store-link.ts';

/**
 * Erases what a device knows of a user who was erased before the event came that says whose device it is. A device of
 * somebody else's is found to be shared instead, as it would have been had the event come in time; one that is shared
 * speaks for nobody anyway. Repeated, it does nothing.
 */
export async function eraseLateLink({ link, erasedAt }: LateLink, ports: ErasePorts): Promise<void> {
  const { store, clock } = ports;
  const items = await store.read(
    [...facetsToErase('device'), 'link' as const].map((item) => ({ key: link.device, item })),
  );
  if (isErasedAsOf(items, link.at)) return;
  const side = items.find(({ item }) => item === 'link');
  const owner = side && ownerOf(side);
  if (owner?.isShared) return;
  if (owner !== undefined && owner.user !== link.user) await storeOwner(link, store, clock);
  else await eraseSubject({ key: link.device, kind: 'device', erasedAt }, ports);
}
