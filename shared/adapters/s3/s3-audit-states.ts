import type { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { AuditStatesUnavailable, type AuditStates } from '../../ports/audit-states.ts';
import { auditStateSchema } from '../../protocol/audit.ts';
import { loadS3, s3Client } from './s3-client.ts';
import { s3Objects } from './s3-objects.ts';
import type { S3QuarantineOptions } from './s3-quarantine.ts';

/** Beside quarantine, whose bucket lets go of it after a month without audits. */
const KEY = 'audit/state.json';

/** One small object; needs `s3:GetObject` and `s3:PutObject` of `audit/`, and `s3:ListBucket` to be told that there is none. */
export function s3AuditStates({ bucket, client = () => s3Client() }: S3QuarantineOptions): AuditStates {
  let connected: Promise<S3Client> | undefined;
  const connect = () => (connected ??= client());
  const objects = s3Objects(bucket, connect);
  return {
    async load() {
      try {
        const stored = v.safeParse(auditStateSchema, jsonOf(await objects.text(KEY)));
        return stored.success ? stored.output : null;
      } catch (cause) {
        if (cause instanceof Error && cause.name === 'NoSuchKey') return null;
        throw unavailable('read', cause);
      }
    },
    async save(state) {
      try {
        const { PutObjectCommand } = await loadS3();
        const s3 = await connect();
        const Body = JSON.stringify(state);
        await s3.send(
          new PutObjectCommand({ Bucket: bucket, Key: KEY, Body, ContentType: 'application/json' }),
        );
      } catch (cause) {
        throw unavailable('written', cause);
      }
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unavailable(done: string, cause: unknown): AuditStatesUnavailable {
  const name = cause instanceof Error ? cause.name : 'unknown error';
  return new AuditStatesUnavailable(`the audit's state cannot be ${done} (${name})`, { cause });
}
