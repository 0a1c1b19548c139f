import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { consumedUnits, COUNTED_OPERATIONS, isRead, tablesIn } from './consumed-units.ts';
import type { MetricSample } from './emf.ts';

/** A sample of which only the run knows when it was. */
export type EmulatorSample = Omit<MetricSample, 'at' | 'values'> & { readonly value: number };

/** Operations that are turned away are set here: `curl -X PUT <emulator>/_local/throttled -d '["PutItem"]'`, `[]` to end it. */
const THROTTLED_PATH = '/_local/throttled';
/** Down or slow for everybody: `curl -X PUT <emulator>/_local/weather -d '"down"'`, `'"ok"'` to end it. */
const WEATHER_PATH = '/_local/weather';
const SLOW_MS = 2_000;
const PUT_RECORDS = 'PutRecords';

/**
 * Stands at an emulator's own door, which adds no hop: counts what AWS itself would count of the requests, under the names
 * of its metrics, turns operations away as AWS does when it throttles, and is down or slow when it is told to be.
 */
export function standBefore(server: Server, count: (sample: EmulatorSample) => void): void {
  const [emulate] = server.listeners('request') as [RequestListener];
  let throttled = new Set<string>();
  let weather = 'ok';
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === WEATHER_PATH && request.method === 'PUT') {
      readText(request, (text) => {
        weather = JSON.parse(text) as string;
        response.writeHead(204).end();
      });
      return;
    }
    if (weather === 'down') {
      request.socket.destroy();
      return;
    }
    if (weather === 'slow') {
      setTimeout(() => serve(request, response), SLOW_MS);
      return;
    }
    serve(request, response);
  });
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === THROTTLED_PATH && request.method === 'PUT') {
      readText(request, (text) => {
        throttled = new Set(JSON.parse(text) as readonly string[]);
        response.writeHead(204).end();
      });
      return;
    }
    const [api = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
    const service = api.startsWith('Kinesis') ? KINESIS : DYNAMODB;
    if (throttled.has(operation)) {
      readText(request, (text) => {
        service.throttled(operation, text).forEach(count);
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(
          JSON.stringify({ __type: service.throttle, message: 'Turned away, as somebody asked for.' }),
        );
      });
      return;
    }
    if (service.counted.has(operation))
      watchAnswer(request, response, (text, reply) =>
        service.answered(operation, text, reply).forEach(count),
      );
    emulate(request, response);
  };
}

interface CountedService {
  /** The error's `__type` on the wire. */
  readonly throttle: string;
  readonly counted: ReadonlySet<string>;
  throttled(operation: string, request: string): readonly EmulatorSample[];
  answered(operation: string, request: string, reply: string): readonly EmulatorSample[];
}

const DYNAMODB: CountedService = {
  throttle: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  counted: COUNTED_OPERATIONS,
  throttled: (operation, request) =>
    tablesIn(request).map((table) =>
      ofTable(table, `${isRead(operation) ? 'Read' : 'Write'}ThrottleEvents`, 1),
    ),
  answered: (operation, request, reply) =>
    consumedUnits(operation, request, reply).map(({ table, kind, units }) =>
      ofTable(table, `Consumed${kind}CapacityUnits`, units),
    ),
};

const KINESIS: CountedService = {
  throttle: 'ProvisionedThroughputExceededException',
  counted: new Set([PUT_RECORDS]),
  throttled: (operation, request) =>
    operation === PUT_RECORDS
      ? [ofStream(request, 'WriteProvisionedThroughputExceeded', 'Count', recordsIn(request))]
      : [],
  answered: (_, request) => [
    ofStream(request, 'IncomingRecords', 'Count', recordsIn(request)),
    ofStream(request, 'IncomingBytes', 'Bytes', bytesIn(request)),
  ],
};

function ofTable(table: string, name: string, value: number): EmulatorSample {
  return { namespace: 'AWS/DynamoDB', name, dimensions: { TableName: table }, unit: 'Count', value };
}

function ofStream(request: string, name: string, unit: string, value: number): EmulatorSample {
  const stream = /"StreamName"\s*:\s*"([^"]*)"/.exec(request)?.[1] ?? '';
  return { namespace: 'AWS/Kinesis', name, dimensions: { StreamName: stream }, unit, value };
}

/** Counted without parsing up to 5 MB: what shoppers sent is base64 and holds no quotation marks. */
function recordsIn(request: string): number {
  return request.split('"PartitionKey"').length - 1;
}

function bytesIn(request: string): number {
  const data = request.match(/"Data"\s*:\s*"[^"]*"/g) ?? [];
  return data.reduce((bytes, field) => bytes + Math.floor(((field.length - 9) * 3) / 4), 0);
}

/** Tells of answers with 200, and of writes that their condition refused, which cost the same. */
function watchAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  tell: (request: string, reply: string) => void,
): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  const end = response.end.bind(response) as (...rest: unknown[]) => ServerResponse;
  response.end = (...rest: unknown[]) => {
    const [reply] = rest;
    const text = Buffer.isBuffer(reply) ? reply.toString() : typeof reply === 'string' ? reply : '';
    if (response.statusCode === 200 || text.includes('ConditionalCheckFailedException')) {
      try {
        tell(Buffer.concat(parts).toString(), text);
      } catch {
        // What cannot be counted is answered all the same.
      }
    }
    return end(...rest);
  };
}

function readText(request: IncomingMessage, then: (text: string) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.once('end', () => then(Buffer.concat(parts).toString()));
}
