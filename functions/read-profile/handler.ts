import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import { readAccount } from '../../shared/adapters/read-account.ts';
import { describeProfile, type Profile } from '../../shared/domain/profile.ts';
import type { Segments } from '../../shared/domain/segments/compile-segments.ts';
import { membershipOf } from '../../shared/domain/segments/membership.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { SourceKeys, SubjectKeys } from '../../shared/ports/identity.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import { credentialsOf } from '../../shared/protocol/credentials.ts';

export interface ReadProfileDependencies {
  readonly store: ProfileStore;
  readonly sourceKeys: SourceKeys;
  readonly subjectKeys: SubjectKeys;
  readonly segments: Segments;
  readonly clock: Clock;
}

/**
 * `GET /v1/profiles/{subject}`, secret key only: what is known of `a:<anonymousId>`, a device alone, or of
 * `u:<userId>`, a user with the devices that are proven to be theirs.
 */
export async function readProfile(
  request: HttpRequest,
  dependencies: ReadProfileDependencies,
): Promise<HttpReply> {
  const { key } = credentialsOf(request.headers.authorization, undefined);
  if (key === undefined || dependencies.sourceKeys.sourceOf(key) !== 'server') {
    return errorReply(401, { code: 'secret_key_needed', message: 'profiles are read with the secret key' });
  }
  const subject = request.parameters.subject ?? '';
  if (!/^[ua]:./s.test(subject)) {
    return errorReply(400, {
      code: 'invalid_subject',
      message: 'must be u:<userId> or a:<anonymousId>',
      path: 'subject',
    });
  }
  try {
    const { profile, isPartial } = await readSubject(subject, dependencies);
    const { segments } = membershipOf(profile, dependencies.segments, dependencies.clock.now());
    return { status: 200, body: describeProfile(subject, profile, isPartial, segments) };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return errorReply(
      503,
      { code: 'unavailable', message: 'the profile cannot be read now' },
      { 'retry-after': '1' },
    );
  }
}

/** The whole of it or nothing: rejects if a part cannot be read. */
async function readSubject(
  subject: string,
  { store, subjectKeys }: ReadProfileDependencies,
): Promise<{ readonly profile: Profile; readonly isPartial: boolean }> {
  const key = subjectKeys.keyOf(subject);
  return await readAccount(key, await store.query(key, { consistent: true }), store);
}
