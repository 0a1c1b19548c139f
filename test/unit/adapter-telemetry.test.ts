import { jest } from '@jest/globals';
import { countColdStart } from '../../shared/adapters/telemetry/cold-start.ts';
import { errorSummary } from '../../shared/adapters/telemetry/error-summary.ts';
import { logUnder } from '../../shared/adapters/telemetry/log-under.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { emfMeter } from '../../shared/adapters/telemetry/emf-meter.ts';

interface EmfLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

let output: string[] = [];
beforeEach(() => {
  output = [];
  process.env.POWERTOOLS_SERVICE_NAME = 'cartwright-test';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      output.push(String(chunk));
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.POWERTOOLS_SERVICE_NAME;
});

const lines = () => output.join('').split('\n').filter(Boolean);
const emf = () => lines().map((line) => JSON.parse(line) as EmfLine);

describe('metrics', () => {
  test('a metric carries its unit, the service and its own dimensions', () => {
    const meter = emfMeter();
    meter.record('SyncLag', 57, { Lane: 'critical' });
    meter.flush();

    expect(emf()).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'Cartwright',
              Dimensions: [['service', 'Lane']],
              Metrics: [{ Name: 'SyncLag', Unit: 'Milliseconds' }],
            },
          ],
        },
        service: 'cartwright-test',
        Lane: 'critical',
        SyncLag: 57,
      },
    ]);
  });

  test('metrics with different dimensions do not take each other’s', () => {
    const meter = emfMeter();
    meter.record('EventsAccepted', 3, { Lane: 'critical' });
    meter.record('EventsAccepted', 5, { Lane: 'bulk' });
    meter.record('EventsRejected', 1, {});
    meter.record('EventsApplied', 2, { Lane: 'bulk' });
    meter.flush();

    const summary = emf().map((line) => ({
      dimensions: line._aws.CloudWatchMetrics[0]?.Dimensions,
      names: line._aws.CloudWatchMetrics[0]?.Metrics.map(({ Name }) => Name),
      Lane: line.Lane,
      values: [line.EventsAccepted, line.EventsRejected, line.EventsApplied],
    }));
    expect(summary).toEqual([
      {
        dimensions: [['service', 'Lane']],
        names: ['EventsAccepted'],
        Lane: 'critical',
        values: [3, undefined, undefined],
      },
      {
        dimensions: [['service', 'Lane']],
        names: ['EventsAccepted', 'EventsApplied'],
        Lane: 'bulk',
        values: [5, undefined, 2],
      },
      {
        dimensions: [['service']],
        names: ['EventsRejected'],
        Lane: undefined,
        values: [undefined, 1, undefined],
      },
    ]);
  });

  test('nothing recorded, nothing printed', () => {
    const meter = emfMeter();
    meter.flush();
    meter.record('Fallback', 0, {});
    meter.flush();
    meter.flush();
    expect(lines()).toHaveLength(1);
  });

  test('more values than a line takes come in several lines, none lost, all with their dimensions', () => {
    const meter = emfMeter();
    const values = Array.from({ length: 250 }, (_, index) => index);
    for (const value of values) meter.record('SyncLag', value, { Lane: 'bulk' });
    meter.flush();

    const perLine = emf().map(({ SyncLag }) => [SyncLag].flat());
    expect(perLine.flat()).toEqual(values);
    expect(perLine.every((line) => line.length <= 100)).toBe(true);
    expect(emf().map(({ Lane }) => Lane)).toEqual(['bulk', 'bulk', 'bulk']);
    expect(emf().map((line) => line._aws.CloudWatchMetrics[0]?.Dimensions)).toEqual(
      Array.from({ length: 3 }, () => [['service', 'Lane']]),
    );
  });

  test.each([
    ['Größe ☕', 'Gr??e ?'],
    ['', 'none'],
    ['  ', 'none'],
    [':colon', '?colon'],
    ['line\nbreak', 'line?break'],
    ['x'.repeat(2_000), 'x'.repeat(128)],
  ])('the dimension %j is one that CloudWatch takes', (given, taken) => {
    const meter = emfMeter();
    meter.record('UnknownEvents', 1, { EventName: given });
    meter.flush();
    expect(emf().map(({ EventName }) => EventName)).toEqual([taken]);
  });

  test('a function that starts says so at once, and which it is', () => {
    countColdStart('read-profile', emfMeter());
    expect(emf()).toMatchObject([{ service: 'cartwright-test', Function: 'read-profile', ColdStarts: 1 }]);
  });

  test('a function that was started ahead of time is no cold start: nobody waits for it', () => {
    process.env.AWS_LAMBDA_INITIALIZATION_TYPE = 'provisioned-concurrency';
    try {
      countColdStart('read-profile', emfMeter());
    } finally {
      delete process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
    }
    expect(lines()).toEqual([]);
  });

  test('many names in one invocation are all printed, and the next invocation works as before', () => {
    const meter = emfMeter();
    for (let name = 0; name < 200; name += 1)
      meter.record('UnknownEvents', 1, { EventName: `event ${name}` });
    meter.flush();
    meter.record('UnknownEvents', 1, { EventName: 'event 7' });
    meter.flush();
    expect(lines()).toHaveLength(201);
  });
});

describe('logs', () => {
  test('a line names level, message, service, function and fields', () => {
    powertoolsLog('fold-profiles').warn('unknown event', { lane: 'bulk', count: 2 });

    expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: 'WARN',
        message: 'unknown event',
        service: 'cartwright-test',
        function: 'fold-profiles',
        lane: 'bulk',
        count: 2,
      }),
    ]);
  });

  test('a trace is one line at info level under its correlation id, if the stage writes that id', () => {
    const traceId = `${'ab'.repeat(9)}80000000000000`;
    for (const traceSampleRate of [0, 0.25, 0.75])
      powertoolsLog('fold-profiles', { traceSampleRate }).trace(traceId, `at ${traceSampleRate}`, {
        applied: 1,
      });
    powertoolsLog('fold-profiles', { traceSampleRate: 1 }).trace('request-1', 'nobody’s trace');

    expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'INFO', message: 'at 0.75', correlation_id: traceId, applied: 1 }),
    ]);
  });

  test('how much is traced is in the environment; without it, nothing is', () => {
    const traceId = 'f'.repeat(32);
    powertoolsLog('decide-checkout').trace(traceId, 'before');
    process.env.TRACE_SAMPLE_RATE = '0.01';
    powertoolsLog('decide-checkout').trace(traceId, 'after');
    delete process.env.TRACE_SAMPLE_RATE;
    expect(lines().map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['after']);
  });

  test('what is known of a request stands in each of its lines', () => {
    const log = logUnder(powertoolsLog('decide-checkout', { traceSampleRate: 1 }), { requestId: 'r1' });
    log.info('a');
    log.warn('b', { code: 'x' }, new Error('c'));
    log.error('d');
    log.trace('f'.repeat(32), 'e');
    expect(lines().map((line) => (JSON.parse(line) as { requestId?: string }).requestId)).toEqual(
      Array.from({ length: 4 }, () => 'r1'),
    );
    expect(lines()[1]).toContain('"cause":{"name":"Error"');
  });

  test('fields of one line do not stay for the next', () => {
    const log = powertoolsLog('fold-profiles');
    log.info('first', { lane: 'bulk' });
    log.info('second');
    expect(lines()[1]).not.toContain('bulk');
  });

  test('an error is logged with its causes, without what a parser quotes', () => {
    let parserError: unknown;
    try {
      JSON.parse('ana@example.com');
    } catch (error) {
      parserError = error;
    }
    const unreachable = Object.assign(new Error('the store is out of reach', { cause: parserError }), {
      code: 'store_unavailable',
    });

    powertoolsLog('fold-profiles').error('batch failed', { lane: 'bulk' }, unreachable);

    expect(lines()[0]).not.toContain('ana@');
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
      level: 'ERROR',
      message: 'batch failed',
      lane: 'bulk',
      cause: {
        name: 'Error',
        code: 'store_unavailable',
        message: 'the store is out of reach',
        cause: { name: 'SyntaxError', frames: expect.stringContaining('at ') },
      },
    });
  });
});

describe('what of an error may be logged', () => {
  test('Node’s own messages quote arguments and stay out', () => {
    const error = Object.assign(new TypeError('Received "ana@example.com"'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
    expect(errorSummary(error)).not.toHaveProperty('message');
  });

  test('frames are those of the stack: what a message makes look like them stays out', () => {
    const error = Object.assign(new Error('lost\n    at ana@example.com (4111:1:1)'), { code: 'ENOENT' });
    const { frames = '', ...summary } = errorSummary(error);
    expect(summary).toEqual({ name: 'Error', code: 'ENOENT' });
    expect(frames).toMatch(/^ {4}at .*adapter-telemetry/);
    expect(frames).not.toContain('ana@');
  });

  test.each([
    ['of AWS that quotes the request', { name: 'ValidationException', $metadata: {} }],
    ['of Node’s file system, with its path', { code: 'ENOENT' }],
  ])('a message %s stays out', (_name, fields) => {
    const error = Object.assign(new Error('not ana@example.com'), fields);
    expect(errorSummary(error)).not.toHaveProperty('message');
  });

  test.each([
    ['values in quotes', 'no stage "ana" and no \'bob\'', 'no stage "…" and no "…"'],
    ['addresses', 'for ana@example.com, again', 'for … again'],
    ['numbers as long as a card’s', 'card 4111 1111 1111 1111 of 123456789012', 'card … of 123456789012'],
  ])('a message for operators is kept without %s', (_name, message, kept) => {
    const error = Object.assign(new Error(message), { code: 'store_unavailable' });
    expect(errorSummary(error).message).toBe(kept);
  });

  test('names and codes that are no words of a program stay out', () => {
    const error = Object.assign(new Error(), { name: 'ana@example.com', code: 'x y' });
    expect(errorSummary(error)).toEqual({ name: 'Error', frames: expect.any(String) });
  });

  test('an answer of AWS keeps its message', () => {
    const error = Object.assign(new Error('not authorized to perform dynamodb:PutItem'), { $metadata: {} });
    expect(errorSummary(error)).toMatchObject({ message: 'not authorized to perform dynamodb:PutItem' });
  });

  test('what is thrown and no error is named by its type', () => {
    expect(errorSummary('ana@example.com')).toEqual({ name: 'string' });
  });

  test('causes that go in circles end', () => {
    const error = new Error('again');
    error.cause = error;
    expect(JSON.stringify(errorSummary(error)).match(/"name"/g)).toHaveLength(4);
  });
});
