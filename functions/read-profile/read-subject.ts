import { accountOf, planDevices } from '../../shared/domain/account.ts';
import { profileOf, type Profile } from '../../shared/domain/profile.ts';
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
  const read = async (key: string): Promise<Profile> =>
    profileOf(await store.query(key, { consistent: true }));
  const key = subjectKeys.keyOf(subject);
  const own = await read(key);
  if (!subject.startsWith('u:')) return { profile: own, isPartial: false };
  const plan = planDevices(own, undefined);
  const devices = await Promise.all(
    plan.read
      .filter(({ proof }) => proof !== 'none')
      .map(async ({ device }) => ({ device, isProven: true, profile: await read(device) })),
  );
  return { profile: accountOf(own, key, devices), isPartial: plan.left.length > 0 };
}
