import { unlessAborted } from '../../shared/adapters/unless-aborted.ts';
import type { SourceKind } from '../../shared/domain/stream-event.ts';
import type {
  SourceKeys,
  SubjectKeys,
  TokenRejection,
  TokenVerdict,
  TokenVerifier,
} from '../../shared/ports/identity.ts';
import { credentialsOf } from '../../shared/protocol/credentials.ts';
import type { DecisionRequest } from '../../shared/protocol/decision-request.ts';
import type { DecisionTime } from './decision-time.ts';

/** Who asks, and how much of a profile that opens. */
export interface Caller {
  readonly source: SourceKind;
  readonly level: 'none' | 'device' | 'account';
  /** Set only if proven, by token or secret key. */
  readonly userId?: string;
  readonly anonymousId?: string;
  /** Keys of the subjects that may be read. */
  readonly userKey?: string;
  readonly deviceKey?: string;
  readonly tokenRejected: TokenRejection | null;
}

/**
 * The three levels of auth. The write key alone opens a device; a valid identity token or the secret key opens an
 * account. A `userId` without either is ignored, and a bad token only costs the account level.
 *
 * @returns null when the key is missing or nobody's
 */
export async function identifyCaller(
  authorization: string | undefined,
  request: Pick<DecisionRequest, 'writeKey' | 'token' | 'userId' | 'anonymousId'>,
  nowMs: number,
  time: Pick<DecisionTime, 'caller' | 'reads'>,
  dependencies: {
    readonly sourceKeys: SourceKeys;
    readonly subjectKeys: SubjectKeys;
    readonly tokens: TokenVerifier;
  },
): Promise<Caller | null> {
  const { key, bearer } = credentialsOf(authorization, request.writeKey);
  const source = key === undefined ? null : dependencies.sourceKeys.sourceOf(key);
  if (source === null) return null;

  const token = request.token || bearer;
  const verdict = token === undefined ? null : await verifyInTime(token, nowMs, time, dependencies.tokens);
  const claimed = source === 'server' ? request.userId : undefined;
  const userId = claimed ?? (verdict?.ok ? verdict.userId : undefined);
  const { anonymousId } = request;
  const { keyOf } = dependencies.subjectKeys;
  return {
    source,
    level: userId !== undefined ? 'account' : anonymousId !== undefined ? 'device' : 'none',
    ...(userId !== undefined && { userId, userKey: keyOf(`u:${userId}`) }),
    ...(anonymousId !== undefined && { anonymousId, deviceKey: keyOf(`a:${anonymousId}`) }),
    tokenRejected: verdict === null || verdict.ok ? null : verdict.reason,
  };
}

/**
 * A token whose keys do not come in time proves nobody for now: a checkout does not wait for them. Where the keys are there, checking
 * it may take what it takes, up to when it would be too late to read anything.
 */
async function verifyInTime(
  token: string,
  nowMs: number,
  time: Pick<DecisionTime, 'caller' | 'reads'>,
  tokens: TokenVerifier,
): Promise<TokenVerdict> {
  const verdict = tokens.verify(token, nowMs, { signal: time.caller() });
  return unlessAborted(verdict, time.reads()).catch(() => ({
    ok: false,
    reason: 'unavailable',
  }));
}
