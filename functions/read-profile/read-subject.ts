import { readAccount } from '../../shared/adapters/read-account.ts';
import type { Profile } from '../../shared/domain/profile.ts';
import type { Segments } from '../../shared/domain/segments/compile-segments.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { SourceKeys, SubjectKeys } from '../../shared/ports/identity.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';

export interface ReadProfileDependencies {
  readonly store: ProfileStore;
  readonly sourceKeys: SourceKeys;
  readonly subjectKeys: SubjectKeys;
  readonly segments: Segments;
  readonly clock: Clock;
}

/** The whole of it or nothing: rejects if a part cannot be read. */
export async function readSubject(
  subject: string,
  { store, subjectKeys }: ReadProfileDependencies,
): Promise<{ readonly profile: Profile; readonly isPartial: boolean }> {
  const key = subjectKeys.keyOf(subject);
  return await readAccount(key, await store.query(key, { consistent: true }), store);
}
