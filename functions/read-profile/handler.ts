import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import { describeProfile, profileOf } from '../../shared/domain/profile.ts';
import type { SourceKeys, SubjectKeys } from '../../shared/ports/identity.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import { credentialsOf } from '../../shared/protocol/credentials.ts';

export interface ReadProfileDependencies {
  readonly store: ProfileStore;
  readonly sourceKeys: SourceKeys;
  readonly subjectKeys: SubjectKeys;
}

/** `GET /v1/profiles/{subject}`, secret key only: what is known of `u:<userId>` or `a:<anonymousId>`. */
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
    const items = await dependencies.store.query(dependencies.subjectKeys.keyOf(subject), {
      consistent: true,
    });
    return { status: 200, body: describeProfile(subject, profileOf(items)) };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return errorReply(
      503,
      { code: 'unavailable', message: 'the profile cannot be read now' },
      { 'retry-after': '1' },
    );
  }
}
