import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import { parseSubjectRequest } from '../../shared/adapters/http/subject-request.ts';
import { describeProfile } from '../../shared/domain/profile.ts';
import { membershipOf } from '../../shared/domain/segments/membership.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { exportSubject } from './export-subject.ts';
import { readSubject, type ReadProfileDependencies } from './read-subject.ts';

/** A path's variable that takes slashes takes this too. Ids that end so can be exported, and not be read otherwise. */
const EXPORT = '/export';

/**
 * `GET /v1/profiles/{subject}`, secret key only: what is known of `a:<anonymousId>`, a device alone, or of
 * `u:<userId>`, a user with the devices that are proven to be theirs. With `/export` behind it: all that is stored of them.
 */
export async function readProfile(
  request: HttpRequest,
  dependencies: ReadProfileDependencies,
): Promise<HttpReply> {
  const parsed = parseSubjectRequest(request, dependencies.sourceKeys);
  if (!parsed.ok) return parsed.reply;
  const { subject } = parsed;
  try {
    if (subject.endsWith(EXPORT))
      return { status: 200, body: await exportSubject(subject.slice(0, -EXPORT.length), dependencies) };
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
