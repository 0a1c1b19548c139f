import { jest } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { httpHandler, type HttpReply } from '../../shared/adapters/http/http-handler.ts';
import { quietHandler } from '../../shared/adapters/lambda/quiet-handler.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';
import { LogUnavailable } from '../../shared/ports/event-log.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import type { Log } from '../../shared/ports/telemetry.ts';
import { CANARIES, canariesIn, CANARY_TEXT, canaryEvent } from '../canaries.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, type MemoryStage } from '../memory-stage.ts';

let printed = '';
beforeEach(() => {
  printed = '';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

const realLog = (): Log => powertoolsLog('test', { traceSampleRate: 1 });
/** What the stage logged and measured, printed as the deployed functions print it. */
function print(stage: MemoryStage): string {
  const log = realLog();
  for (const { level, message, fields, cause } of stage.log.lines) log[level](message, fields, cause);
  const meter = emfMeter();
  for (const { name, value, dimensions } of stage.meter.recorded) meter.record(name, value, dimensions);
  meter.flush();
  return printed;
}

const TRACED = { traceparent: `00-${'ab'.repeat(16)}-00f067aa0ba902b7-01` };
const checkout = {
  payment: [{ id: CANARIES.email }, { id: CANARIES.card }],
  shipping: [{ id: CANARIES.name }],
};
const asking = {
  userId: CANARIES.userId,
  anonymousId: CANARIES.anonymousId,
  token: CANARIES.token,
  context: { region: CANARIES.address, country: 'BR', consent: { [CANARIES.email]: CANARIES.card } },
  checkout,
  events: [canaryEvent()],
};
/** An error as careless as they come: the canaries in its message, its code, its cause and what looks like its stack. */
const careless = (fields: object = {}): Error =>
  Object.assign(
    new Error(`cannot take ${CANARY_TEXT}\n    at ${CANARIES.email} (${CANARIES.card}:1:1)`, {
      cause: new TypeError(CANARY_TEXT),
    }),
    fields,
  );
const KINDS_OF_ERRORS: readonly (readonly [string, unknown])[] = [
  ['a plain error', careless()],
  ['an error with a code of Node', careless({ code: 'ERR_INVALID_ARG_TYPE' })],
  ['an error of the system', careless({ code: 'ENOENT' })],
  ['an error whose code is data', careless({ code: CANARIES.email })],
  ['an error whose name is data', careless({ name: CANARY_TEXT })],
  ['an answer of AWS that quotes the request', careless({ name: 'ValidationException', $metadata: {} })],
  ['what a parser throws', parserError()],
  ['a text', CANARY_TEXT],
  ['an object', { body: CANARY_TEXT }],
];

function parserError(): unknown {
  try {
    return JSON.parse(`{"email":"${CANARIES.email}" ${CANARY_TEXT}`);
  } catch (error) {
    return error;
  }
}

describe('what a person sent is in no line', () => {
  const BAD: readonly (readonly [string, string | Uint8Array | object])[] = [
    ['as it should be', canaryEvent()],
    ['no JSON', `{"email":"${CANARY_TEXT}`],
    ['no UTF-8', Buffer.concat([Buffer.from(CANARY_TEXT), Buffer.from([0xff])])],
    ['bad gzip', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from(CANARY_TEXT)])],
    ['no object', [CANARY_TEXT]],
    ['too large', `{"a":"${CANARY_TEXT.repeat(5_000)}"}`],
    ['too large an event', canaryEvent({ traits: { all: CANARY_TEXT.repeat(300) } })],
    ['too deep', `${'{"a":'.repeat(60)}"${CANARY_TEXT}"${'}'.repeat(60)}`],
    [
      'wrong in its fields',
      canaryEvent({ properties: CANARY_TEXT, timestamp: CANARY_TEXT, [CANARIES.email]: 1 }),
    ],
    ['of no type', canaryEvent({ type: CANARIES.email })],
    ['with no id', canaryEvent({ userId: { [CANARIES.email]: 1 }, anonymousId: null })],
    ['with a traceparent that is none', canaryEvent({ context: { traceparent: CANARY_TEXT } })],
    [
      'with money that is none',
      canaryEvent({ properties: { order_id: CANARIES.order, total: CANARIES.card } }),
    ],
    ['with a name nobody knows', canaryEvent({ event: CANARY_TEXT })],
    ['with a writeKey of nobody', canaryEvent({ writeKey: CANARIES.secret })],
  ];

  test.each(BAD)('nor in an error: a body %s, at every call', async (_name, body) => {
    const stage = memoryStage();
    const headers = {
      ...TRACED,
      [CANARIES.email]: CANARY_TEXT,
      cookie: CANARY_TEXT,
      'user-agent': CANARY_TEXT,
    };
    const replies: HttpReply[] = [];
    for (const who of [
      AS_SERVER,
      AS_BROWSER,
      { authorization: `Bearer ${CANARIES.token}` },
      { authorization: CANARIES.secret },
      {},
    ]) {
      const all = { ...headers, ...who };
      for (const call of ['track', 'identify', 'batch', CANARIES.email])
        replies.push(await stage.collect(call, body, all));
      if (!(body instanceof Uint8Array) && typeof body === 'object')
        replies.push(await stage.collect('batch', { batch: [body, body], token: CANARIES.token }, all));
      replies.push(await stage.decide(body, all));
      replies.push(await stage.decide({ ...asking, events: [body] }, all));
    }
    await stage.deliver('critical');
    await stage.deliver('bulk');
    await stage.countRegions();

    expect(replies.length).toBeGreaterThan(25);
    const errors = replies.filter(({ status }) => status !== 200);
    expect(canariesIn(JSON.stringify(errors))).toEqual([]);
    const rejected = replies.flatMap(({ body: told }) => (told as { rejected?: unknown }).rejected ?? []);
    expect(canariesIn(JSON.stringify(rejected))).toEqual([]);
    expect(canariesIn(print(stage))).toEqual([]);
  });

  test('nor in that of a profile, or of what is none', async () => {
    const stage = memoryStage();
    for (const subject of [CANARIES.email, `x:${CANARY_TEXT}`, undefined]) {
      const { status, body } = await stage.profile(subject);
      expect([status, canariesIn(JSON.stringify(body))]).toEqual([400, []]);
    }
    await stage.profile(`u:${CANARIES.userId}`);
    const unknown = await stage.ask(`/${CANARY_TEXT}`, {
      query: { q: CANARY_TEXT },
      headers: { a: CANARY_TEXT },
    });
    const key = await stage.ask('/v1/projects', { parameters: { writeKey: CANARIES.secret } });
    expect(canariesIn(JSON.stringify([unknown, key]))).toEqual([]);
    expect(canariesIn(print(stage))).toEqual([]);
  });

  test('nor when poison lies in a stream', async () => {
    const stage = memoryStage();
    const records = [
      CANARY_TEXT,
      JSON.stringify(canaryEvent()),
      JSON.stringify({ schema: 1, source: CANARIES.email, correlationId: CANARY_TEXT }),
    ].map((data, at) => ({ sequence: String(9_000 + at), partitionKey: CANARIES.userId, data }));
    expect(await stage.foldRecords('critical', records)).toBeNull();
    stage.quarantine.failNext('before');
    expect(await stage.foldRecords('critical', records)).not.toBeNull();

    expect(stage.log.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['quarantined', 'quarantine out of reach, poison stays']),
    );
    expect(canariesIn(print(stage))).toEqual([]);
  });
});

describe('what an error quotes is in no line', () => {
  test.each(KINDS_OF_ERRORS)('%s out of streams, quarantine and store', async (_name, error) => {
    const stage = memoryStage({ decisionStore: { query: () => Promise.reject(error) } });
    await stage.collect('track', canaryEvent({ context: TRACED }));
    stage.store.write = () => Promise.reject(error);
    stage.regionStore.newest = () => Promise.reject(error);
    await stage.deliver('critical');
    await stage.countRegions();
    await stage.decide(asking, AS_BROWSER);
    stage.eventLog.append = () => Promise.reject(new LogUnavailable('out of reach', { cause: error }));
    const unsafe = await stage.collect('track', canaryEvent());

    expect(unsafe.status).toBe(503);
    expect(stage.log.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'a subject cannot be folded',
        'the store failed in a way of its own',
        'a region cannot be read',
        'nothing acknowledged',
      ]),
    );
    expect(canariesIn(JSON.stringify(unsafe) + print(stage))).toEqual([]);
  });

  test.each(KINDS_OF_ERRORS)('%s in the middle of a request', async (_name, error) => {
    const handler = httpHandler(() => Promise.reject(error), realLog());
    const answer = await handler({
      rawPath: `/${CANARY_TEXT}`,
      rawQueryString: CANARY_TEXT,
      headers: { authorization: CANARIES.secret, traceparent: CANARY_TEXT },
      body: CANARY_TEXT,
      requestContext: { requestId: 'request-1', http: { method: 'POST', path: CANARY_TEXT } },
    } as unknown as APIGatewayProxyEventV2);

    expect(answer.statusCode).toBe(500);
    expect(printed).toContain('"requestId":"request-1"');
    expect(canariesIn(JSON.stringify(answer) + printed)).toEqual([]);
  });

  test.each(KINDS_OF_ERRORS)(
    '%s in the middle of an invocation, nor in what Lambda prints of it',
    async (_name, error) => {
      const handler = quietHandler((_event: object, _context: object) => Promise.reject(error), realLog());
      const thrown = await handler(canaryEvent(), {}).catch((one: unknown) => one);

      expect(thrown).toMatchObject({ name: 'InvocationFailed', code: 'invocation_failed' });
      expect((thrown as Error).cause).toBeUndefined();
      expect(printed).toContain('unexpected');
      expect(canariesIn(`${(thrown as Error).stack} ${JSON.stringify(thrown)} ${printed}`)).toEqual([]);
    },
  );
});

describe('the search finds what it is to find', () => {
  test.each([
    ['an event that is logged', (log: Log) => log.info('event', canaryEvent() as never)],
    ['an id in a field', (log: Log) => log.warn('unknown', { user: CANARIES.userId })],
    [
      'a path',
      (log: Log) => log.warn('path', { path: `/v1/profiles/u%3A${encodeURIComponent(CANARIES.email)}` }),
    ],
    [
      'a message of ours that quotes',
      (log: Log) => log.error('x', {}, new StoreUnavailable(`lost ${CANARIES.userId}`)),
    ],
    ['bytes in base64', (log: Log) => log.info('x', { data: Buffer.from(CANARY_TEXT).toString('base64') })],
  ])('%s', (_name, leak) => {
    leak(realLog());
    expect(canariesIn(printed)).not.toEqual([]);
  });
});
