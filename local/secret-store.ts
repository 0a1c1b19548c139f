import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { readBody } from './http-server.ts';
import { ACCOUNT_ID } from './stacks.ts';
import { randomSuffix, writeWhole } from './state.ts';

interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  readonly versionId: string;
  /** Seconds since the epoch, as the service counts. */
  readonly createdAt: number;
}

const Request = v.object({
  Name: v.optional(v.string()),
  SecretId: v.optional(v.string()),
  SecretIdList: v.optional(v.array(v.string())),
  SecretString: v.optional(v.string()),
});
type Request = v.InferOutput<typeof Request>;

class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The part of Secrets Manager that functions here use, kept in one file: GetSecretValue and BatchGetSecretValue;
 * CreateSecret, DescribeSecret and PutSecretValue to set them up.
 */
export function secretStore(
  file: string,
  region: string,
): (request: IncomingMessage, response: ServerResponse) => void {
  const secrets: StoredSecret[] = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as StoredSecret[])
    : [];

  const find = (id: string | undefined): number => {
    const at = secrets.findIndex(({ arn, name }) => arn === id || name === id);
    if (at < 0)
      throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return at;
  };
  const store = (secret: StoredSecret, at = secrets.length): StoredSecret => {
    secrets[at] = secret;
    writeWhole(file, JSON.stringify(secrets, undefined, 2));
    return secret;
  };
  const shown = ({ arn, name, value, versionId, createdAt }: StoredSecret): object => ({
    ARN: arn,
    Name: name,
    SecretString: value,
    VersionId: versionId,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: createdAt,
  });

  const operations: Readonly<Record<string, (request: Request) => object>> = {
    GetSecretValue: ({ SecretId }) => shown(secrets[find(SecretId)]!),
    BatchGetSecretValue: ({ SecretIdList = [] }) => {
      const values: object[] = [];
      const errors: object[] = [];
      for (const id of SecretIdList) {
        try {
          values.push(shown(secrets[find(id)]!));
        } catch (cause) {
          if (!(cause instanceof Refusal)) throw cause;
          errors.push({ SecretId: id, ErrorCode: cause.code, Message: cause.message });
        }
      }
      return { SecretValues: values, Errors: errors };
    },
    DescribeSecret: ({ SecretId }) => {
      const { arn, name } = secrets[find(SecretId)]!;
      return { ARN: arn, Name: name };
    },
    CreateSecret: ({ Name = '', SecretString = '' }) => {
      const arn = `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:${Name}-${randomSuffix(6)}`;
      store({ arn, name: Name, value: SecretString, versionId: randomUUID(), createdAt: Date.now() / 1000 });
      return { ARN: arn, Name };
    },
    PutSecretValue: ({ SecretId, SecretString = '' }) => {
      const at = find(SecretId);
      const { arn, name } = store({ ...secrets[at]!, value: SecretString, versionId: randomUUID() }, at);
      return { ARN: arn, Name: name };
    },
  };

  return (request, response) => {
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    };
    const refuse = (status: number, code: string, message: string): void =>
      reply(status, { __type: code, Message: message });
    readBody(request, 1024 * 1024)
      .then((body) => {
        const operation = operations[String(request.headers['x-amz-target']).replace('secretsmanager.', '')];
        if (!operation) return refuse(400, 'UnknownOperationException', 'Not offered here.');
        reply(200, operation(v.parse(Request, JSON.parse(String(body)))));
      })
      .catch((cause: unknown) => {
        if (cause instanceof Refusal) refuse(400, cause.code, cause.message);
        else refuse(500, 'InternalServiceError', String(cause));
      });
  };
}
