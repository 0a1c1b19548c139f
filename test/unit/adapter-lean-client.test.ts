import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { leanClient } from '../../shared/adapters/aws/lean-client.ts';
import { dynamodbClient, impatientQueries } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { kinesisClient } from '../../shared/adapters/kinesis/kinesis-client.ts';

const config = { region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } };

describe('a client without ballast', () => {
  test('still signs what it sends, and spends nothing on telling who it is', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{"FailedRecordCount":0,"Records":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const dynamodb = dynamodbClient({ ...config, endpoint });
    const kinesis = kinesisClient({ ...config, endpoint });

    await dynamodb.send(new PutItemCommand({ TableName: 'T', Item: { pk: { S: 'a' } } }));
    await kinesis.send(new PutRecordsCommand({ StreamName: 'S', Records: [] }));
    dynamodb.destroy();
    kinesis.destroy();
    server.closeAllConnections();
    server.close();

    expect(seen.map(({ authorization }) => authorization?.split(' ')[0])).toEqual([
      'AWS4-HMAC-SHA256',
      'AWS4-HMAC-SHA256',
    ]);
    expect(seen.map((headers) => headers['x-amz-user-agent'])).toEqual([undefined, undefined]);
  });

  test('puts its middleware together once for all queries with a signal', async () => {
    const server = createServer((_request, response) => void response.end('{"Items":[]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = dynamodbClient({ ...config, endpoint });
    const query = impatientQueries(client);
    const asked = () =>
      new QueryCommand({
        TableName: 'T',
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'a' } },
      });
    const again = asked();
    again.resolveMiddleware = () => {
      throw new Error('put together anew');
    };

    const answers = [
      await query(asked(), AbortSignal.timeout(10_000)),
      await query(again, AbortSignal.timeout(10_000)),
    ];
    client.destroy();
    server.closeAllConnections();
    server.close();

    expect(answers.map(({ Items }) => Items)).toEqual([[], []]);
  });

  test('is refused when the SDK has renamed a step, so that the saving cannot be lost unseen', () => {
    const renamed = { middlewareStack: { remove: (name: string) => name !== 'getUserAgentMiddleware' } };

    expect(() => leanClient(renamed)).toThrow('getUserAgentMiddleware');
  });
});
