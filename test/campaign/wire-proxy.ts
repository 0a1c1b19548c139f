import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listen, type Emulator } from '../contract/emulator.ts';
import { seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { askEmulator, type Asked, type Reply } from './ask-emulator.ts';
import { subjectsOf, wireRequest, type WireRequest } from './wire-request.ts';

/**
 * What becomes of one request to a service of AWS.
 *
 * - `well`; `slow`: late by a few ms, so that others overtake it.
 * - `refused`: nobody listens where it is sent to.
 * - `closed`: it is read, and its connection closed without a word; `reset`: so too, but reset. Nothing is applied.
 * - `lost`: applied, and the connection is reset before the reply; `truncated`: applied, and half a reply comes.
 * - `fault`: 500; `turned away`: 400 that says nothing of the request; `throttled`. Nothing is applied.
 * - `partial`: of a batch only some is done (`UnprocessedKeys`, records with an `ErrorCode`); of other calls, all.
 * - `hung`: nothing is applied, and nothing ever comes; `drip`: applied, and the reply comes a few bytes at a time.
 * - `late`: nothing ever comes, and what was asked is done when whoever asked has long given up, perhaps has asked again.
 * - `missing table`: 400, and nothing is applied.
 *
 * `refused` and `late` are for those who send by `fatedRequests`.
 */
export type WireFate =
  | 'well'
  | 'slow'
  | 'refused'
  | 'closed'
  | 'reset'
  | 'lost'
  | 'truncated'
  | 'fault'
  | 'turned away'
  | 'throttled'
  | 'partial'
  | 'hung'
  | 'late'
  | 'drip'
  | 'missing table';

export type WireOdds = Readonly<Partial<Record<Exclude<WireFate, 'well'>, number>>>;

type ProxyFate = Exclude<WireFate, 'refused' | 'late'>;

/** Tells the proxy what becomes of a request, and with which chance: `lost,1234`. */
export const FATE_HEADER = 'x-fate';

export interface WireProxy extends Emulator {
  /** Requests so far whose sender met a failure, or only a part of what it asked for. */
  inTrouble(): number;
  /** Requests so far that were done after their sender had given up. */
  doneLate(): number;
  /** From now on, what comes without a fate of its own meets one by this plan, in order of arrival. */
  plan(random: Random, odds: Omit<WireOdds, 'refused' | 'late'>): void;
  /** Does this late: when some more requests about the same have come. @param headers of the request, but for its fate */
  owe(request: Asked, body: Buffer, random: Random): void;
  /** Does what is still to be done late. */
  settle(): Promise<void>;
}

const SLOW_MS = 8;
const DRIPS = 40;
const DRIP_MS = 5;
/** How many requests later, of those about the same, a late one is done at most. */
const MOST_LATE = 4;

/** A request whose sender has been told nothing. */
interface Overdue {
  readonly subjects: ReadonlySet<string>;
  /** Requests about the same that come before it. */
  left: number;
  /** Before the last of these is done, or after. */
  readonly isBefore: boolean;
  readonly apply: () => Promise<unknown>;
}

/** A way to an emulator of DynamoDB or Kinesis on which requests meet their fates. */
export async function wireProxy(upstream: Server): Promise<WireProxy> {
  let troubled = 0;
  let late = 0;
  let draw = (): { readonly fate: ProxyFate; readonly random: Random } => ({ fate: 'well', random: () => 0 });
  const overdue = new Set<Overdue>();

  const applyLate = async (which: readonly Overdue[]): Promise<void> => {
    for (const one of which) {
      overdue.delete(one);
      late += 1;
      await one.apply();
    }
  };
  /** Does it, and what is due by then. */
  const forward = async (request: IncomingMessage, body: Buffer): Promise<Reply> => {
    if (overdue.size === 0) return askEmulator(upstream, request, body);
    const subjects = subjectsOf(asWireRequest(request, body));
    const due = [...overdue].filter(
      (one) => subjects.some((subject) => one.subjects.has(subject)) && --one.left <= 0,
    );
    await applyLate(due.filter(({ isBefore }) => isBefore));
    const reply = await askEmulator(upstream, request, body);
    await applyLate(due.filter(({ isBefore }) => !isBefore));
    return reply;
  };

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const told = request.headers[FATE_HEADER];
    const { fate, random } = told === undefined ? draw() : fateIn(String(told));
    // Whoever told it may have given up before it was here.
    const isCounted = told === undefined || fate !== 'hung';
    if (isCounted && fate !== 'well' && fate !== 'slow' && fate !== 'partial') troubled += 1;
    const { socket } = response;
    switch (fate) {
      case 'slow':
        await pause(random() * SLOW_MS);
        return answer(response, await forward(request, body));
      case 'closed':
        return void socket?.destroy();
      case 'reset':
        return void socket?.resetAndDestroy();
      case 'lost':
        await forward(request, body);
        return void socket?.resetAndDestroy();
      case 'truncated': {
        const reply = await forward(request, body);
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
      case 'partial': {
        const part = partOf(asWireRequest(request, body), random);
        if (part === null) return answer(response, await forward(request, body));
        troubled += 1;
        const reply = await forward(request, Buffer.from(JSON.stringify(part.asked)));
        return answer(response, reply.status === 200 ? part.answer(reply) : reply);
      }
      case 'missing table':
        return answer(response, errorOf(400, 'ResourceNotFoundException'));
      case 'hung':
        return;
      case 'drip':
        return answerInDrips(response, await forward(request, body));
      case 'well':
        return answer(response, await forward(request, body));
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
    doneLate: () => late,
    owe(request, body, random) {
      overdue.add({
        subjects: new Set(subjectsOf(asWireRequest(request, body))),
        left: 1 + Math.floor(random() * MOST_LATE),
        isBefore: random() < 0.5,
        apply: () => askEmulator(upstream, request, body),
      });
    },
    settle: () => applyLate([...overdue]),
    plan(random, odds) {
      const fates = Object.entries(odds) as [ProxyFate, number][];
      draw = () => {
        let left = random();
        return { fate: fates.find(([, share]) => (left -= share) < 0)?.[0] ?? 'well', random };
      };
    },
  };
}

function fateIn(header: string): { readonly fate: ProxyFate; readonly random: Random } {
  const [fate, seed] = header.split(',');
  return { fate: fate as ProxyFate, random: seededRandom(Number(seed)) };
}

function asWireRequest({ headers }: Asked, body: Buffer): WireRequest {
  return wireRequest(String(headers['x-amz-target']), body.toString());
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
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

/** A part of a batch to be done, and what is answered in the place of what became of that. */
interface Part {
  readonly asked: object;
  readonly answer: (reply: Reply) => Reply;
}

/**
 * Some of a batch and not all, as the services may do it: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 *
 * @returns null: there are no two of anything
 */
function partOf({ operation, asked }: WireRequest, random: Random): Part | null {
  if (operation === 'BatchGetItem') {
    const [[table, { Keys, ...options }] = ['', { Keys: [] }]] = Object.entries(
      asked.RequestItems as KeysByTable,
    );
    if (Keys.length < 2) return null;
    const done = 1 + Math.floor(random() * (Keys.length - 1));
    const left = { UnprocessedKeys: { [table]: { ...options, Keys: Keys.slice(done) } } };
    return {
      asked: { ...asked, RequestItems: { [table]: { ...options, Keys: Keys.slice(0, done) } } },
      answer: (reply) => merged(reply, left),
    };
  }
  if (operation !== 'PutRecords') return null;
  const records = asked.Records as readonly unknown[];
  if (records.length < 2) return null;
  const taken = records.map(() => random() < 0.5);
  if (!taken.includes(true)) taken[0] = true;
  if (!taken.includes(false)) taken[0] = false;
  const refused = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'told to' };
  return {
    asked: { ...asked, Records: records.filter((_, index) => taken[index]) },
    answer(reply) {
      const results = [
        ...(JSON.parse(reply.body.toString()) as { readonly Records: readonly unknown[] }).Records,
      ];
      const Records = taken.map((isTaken) => (isTaken ? results.shift() : refused));
      const FailedRecordCount = taken.filter((isTaken) => !isTaken).length;
      return merged(reply, { Records, FailedRecordCount });
    },
  };
}

function merged(reply: Reply, change: object): Reply {
  const body = { ...(JSON.parse(reply.body.toString()) as object), ...change };
  return { status: 200, headers: JSON_HEADERS, body: Buffer.from(JSON.stringify(body)) };
}
