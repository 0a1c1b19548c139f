/**
 * A process that answers the DynamoDB and Secrets Manager requests of the bench from memory, over loopback: an emulator's own
 * work would be most of a request's time. It is told the replies over IPC and says its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubReplies {
  /** The body for a query's partition, by table and key; another partition is empty. */
  readonly queries: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By name. */
  readonly secrets: Readonly<Record<string, string>>;
}

const EMPTY = JSON.stringify({ Count: 0, ScannedCount: 0, Items: [] });

interface Asked {
  readonly TableName?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
  readonly SecretIdList?: readonly string[];
}

process.once('message', ({ queries, secrets }: StubReplies) => {
  const replies = new Map(
    Object.entries(queries).map(([table, byKey]) => [table, new Map(Object.entries(byKey))]),
  );
  const answer = (
    operation: string,
    { TableName = '', ExpressionAttributeValues = {}, SecretIdList = [] }: Asked,
  ) => {
    if (operation.endsWith('.BatchGetSecretValue'))
      return JSON.stringify({
        SecretValues: SecretIdList.map((Name) => ({ Name, ARN: Name, SecretString: secrets[Name] })),
        Errors: [],
      });
    const [first] = Object.values(ExpressionAttributeValues);
    return replies.get(TableName)?.get(first?.S ?? '') ?? EMPTY;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
      const body = answer(String(request.headers['x-amz-target']), asked);
      response.writeHead(200, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
});
process.once('disconnect', () => process.exit(0));
