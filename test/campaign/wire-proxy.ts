import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listen, type Emulator } from '../contract/emulator.ts';
import type { Random } from '../bench/ranking/seeded-random.ts';

/**
 * What becomes of one request to a service of AWS.
 *
 * - `well`; `slow`: late, so that others overtake it.
 * - `refused`: the connection is closed before anything is read; `reset`: it is reset, and nothing is applied.
 * - `lost`: applied, and the connection is reset before the reply; `truncated`: applied, and half a reply comes.
 * - `fault`: 500; `turned away`: 400 that says nothing of the request; `throttled`. Nothing is applied.
 * - `partial`: of a batch only some is done (`UnprocessedKeys`, records with an `ErrorCode`); of other calls, all.
 * - `hung`: nothing is applied, and nothing ever comes; `drip`: applied, and the reply comes a few bytes at a time.
 * - `missing table`: 400, and nothing is applied.
 */
export type WireFate =
  | 'well'
  | 'slow'
  | 'refused'
  | 'reset'
  | 'lost'
  | 'truncated'
  | 'fault'
  | 'turned away'
  | 'throttled'
  | 'partial'
  | 'hung'
  | 'drip'
  | 'missing table';

export type WireOdds = Readonly<Partial<Record<Exclude<WireFate, 'well'>, number>>>;

export interface WireProxy extends Emulator {
  /** Requests that did not go well so far. */
  inTrouble(): number;
  /** From now on by this plan. */
  plan(random: Random, odds: WireOdds): void;
}

const SLOW_MS = 8;
const DRIPS = 40;
const DRIP_MS = 5;

/** A way to an emulator of DynamoDB or Kinesis on which requests meet their fates, drawn one for each as it arrives. */
export async function wireProxy(upstream: string): Promise<WireProxy> {
  let troubled = 0;
  let draw = (): WireFate => 'well';
  let random: Random = () => 0;

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const fate = draw();
    if (fate !== 'well') troubled += 1;
    const { socket } = response;
    switch (fate) {
      case 'slow':
        await pause(random() * SLOW_MS);
        return answer(response, await forward(upstream, request, body));
      case 'refused':
        return void socket?.destroy();
      case 'reset':
        return void socket?.resetAndDestroy();
      case 'lost':
        await forward(upstream, request, body);
        return void socket?.resetAndDestroy();
      case 'truncated': {
        const reply = await forward(upstream, request, body);
        response.writeHead(reply.status, {
          ...reply.headers,
          'content-length': String(reply.body.length + 1),
        });
        response.write(reply.body.subarray(0, reply.body.length / 2), () => socket?.destroy());
        return;
      }
      case 'fault':
        return answer(response, errorOf(500, 'InternalServerError'));
      case 'turned away':
        return answer(response, errorOf(400, 'ExpiredTokenException'));
      case 'throttled':
        return answer(response, errorOf(400, 'ProvisionedThroughputExceededException'));
      case 'partial':
        return answer(response, await forwardSome(upstream, request, body, random));
      case 'missing table':
        return answer(response, errorOf(400, 'ResourceNotFoundException'));
      case 'hung':
        return;
      case 'drip':
        return answerInDrips(response, await forward(upstream, request, body));
      case 'well':
        return answer(response, await forward(upstream, request, body));
    }
  };
  const emulator = await listen(
    createServer((request, response) => {
      // Whoever was told to hang up on has nothing to be told any more.
      pass(request, response).catch(() => response.destroy());
    }),
  );
  return {
    ...emulator,
    inTrouble: () => troubled,
    plan(chance, odds) {
      random = chance;
      const fates = Object.entries(odds) as [WireFate, number][];
      draw = () => {
        let left = chance();
        return fates.find(([, share]) => (left -= share) < 0)?.[0] ?? 'well';
      };
    },
  };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function forward(upstream: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  const reply = await fetch(upstream + (request.url ?? ''), {
    method: request.method ?? 'POST',
    headers: headers as Record<string, string>,
    body,
  });
  const kept = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'];
  return {
    status: reply.status,
    headers: Object.fromEntries([...reply.headers].filter(([name]) => kept.includes(name))),
    body: Buffer.from(await reply.arrayBuffer()),
  };
}

function answer(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers).end(body);
}

async function answerInDrips(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  response.writeHead(status, headers);
  const size = Math.ceil(body.length / DRIPS);
  for (let from = 0; from < body.length && !response.destroyed; from += size) {
    response.write(body.subarray(from, from + size));
    await pause(DRIP_MS);
  }
  response.end();
}

const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.1' };

function errorOf(status: number, type: string): Reply {
  return {
    status,
    headers: JSON_HEADERS,
    body: Buffer.from(JSON.stringify({ __type: type, message: 'told to' })),
  };
}

interface KeysByTable {
  readonly [table: string]: { readonly Keys: readonly unknown[] };
}

/** Does a part of a batch, as the services may: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
async function forwardSome(
  upstream: string,
  request: IncomingMessage,
  body: Buffer,
  random: Random,
): Promise<Reply> {
  const operation = String(request.headers['x-amz-target']).split('.').at(-1);
  const asked = JSON.parse(body.toString()) as Record<string, unknown>;
  if (operation === 'BatchGetItem') {
    const [[table, { Keys, ...options }] = ['', { Keys: [] }]] = Object.entries(
      asked.RequestItems as KeysByTable,
    );
    const done = 1 + Math.floor(random() * Keys.length);
    const some = { ...asked, RequestItems: { [table]: { ...options, Keys: Keys.slice(0, done) } } };
    const reply = await forward(upstream, request, Buffer.from(JSON.stringify(some)));
    if (reply.status !== 200 || done === Keys.length) return reply;
    const left = { UnprocessedKeys: { [table]: { ...options, Keys: Keys.slice(done) } } };
    return { status: 200, headers: JSON_HEADERS, body: merged(reply, left) };
  }
  if (operation === 'PutRecords') {
    const records = asked.Records as readonly unknown[];
    const taken = records.map(() => random() < 0.5);
    if (!taken.includes(true)) taken[0] = true;
    const some = { ...asked, Records: records.filter((_, index) => taken[index]) };
    const reply = await forward(upstream, request, Buffer.from(JSON.stringify(some)));
    if (reply.status !== 200) return reply;
    const results = [
      ...(JSON.parse(reply.body.toString()) as { readonly Records: readonly unknown[] }).Records,
    ];
    const refused = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'told to' };
    const Records = taken.map((isTaken) => (isTaken ? results.shift() : refused));
    const FailedRecordCount = taken.filter((isTaken) => !isTaken).length;
    return { status: 200, headers: JSON_HEADERS, body: merged(reply, { Records, FailedRecordCount }) };
  }
  return forward(upstream, request, body);
}

function merged(reply: Reply, change: object): Buffer {
  return Buffer.from(JSON.stringify({ ...(JSON.parse(reply.body.toString()) as object), ...change }));
}
