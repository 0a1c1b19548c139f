import type { SourceKeys } from '../../ports/identity.ts';
import { credentialsOf } from '../../protocol/credentials.ts';
import { errorReply, type HttpReply, type HttpRequest } from './http-handler.ts';

/** Whose record a request is about, or how it is turned away. */
export type SubjectRequest =
  { readonly ok: true; readonly subject: string } | { readonly ok: false; readonly reply: HttpReply };

/** Requests under `/v1/profiles/{subject}`: for whoever has the secret key, about `u:<userId>` or `a:<anonymousId>`. */
export function parseSubjectRequest(request: HttpRequest, sourceKeys: SourceKeys): SubjectRequest {
  const refuse = (status: number, code: string, message: string, path?: string): SubjectRequest => ({
    ok: false,
    reply: errorReply(status, { code, message, ...(path !== undefined && { path }) }),
  });
  const { key } = credentialsOf(request.headers.authorization, undefined);
  if (key === undefined || sourceKeys.sourceOf(key) !== 'server')
    return refuse(401, 'secret_key_needed', 'profiles are read and erased with the secret key');
  const { subject = '' } = request.parameters;
  return /^[ua]:./s.test(subject)
    ? { ok: true, subject }
    : refuse(400, 'invalid_subject', 'must be u:<userId> or a:<anonymousId>', 'subject');
}
