import { eraseSubject } from '../../shared/adapters/erase-subject.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import { parseSubjectRequest } from '../../shared/adapters/http/subject-request.ts';
import { erasingTime } from '../../shared/domain/erasure.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { SourceKeys, SubjectKeys } from '../../shared/ports/identity.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Suppressions } from '../../shared/ports/suppressions.ts';
import type { Log } from '../../shared/ports/telemetry.ts';

export interface EraseProfileDependencies {
  readonly store: ProfileStore;
  readonly suppressions: Suppressions;
  readonly sourceKeys: SourceKeys;
  readonly subjectKeys: SubjectKeys;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * `DELETE /v1/profiles/{subject}`, secret key only: erases `u:<userId>`, a user with all its devices, or `a:<anonymousId>`,
 * a device alone. 200 says that nothing of it is left; anything else claims nothing, and asking again completes it.
 */
export async function eraseProfile(
  request: HttpRequest,
  { store, suppressions, sourceKeys, subjectKeys, clock, log }: EraseProfileDependencies,
): Promise<HttpReply> {
  const parsed = parseSubjectRequest(request, sourceKeys);
  if (!parsed.ok) return parsed.reply;
  const { subject } = parsed;
  const key = subjectKeys.keyOf(subject);
  const kind = subject.startsWith('u:') ? 'user' : 'device';
  try {
    const asked = erasingTime(await store.query(key, { consistent: true }), clock.now());
    const erased = await eraseSubject({ key, kind, erasedAt: asked }, { store, suppressions, clock });
    log.info('erased', { subject: key, ...erased });
    return { status: 200, body: { subject, ...erased, erasedAt: new Date(erased.erasedAt).toISOString() } };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    log.warn('an erasing is not complete', { subject: key, code: error.code });
    return errorReply(
      503,
      { code: 'unavailable', message: 'the subject is not wholly erased yet: ask again, which completes it' },
      { 'retry-after': '1' },
    );
  }
}
