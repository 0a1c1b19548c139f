import { jest } from '@jest/globals';
import { errorSummary } from '../../shared/adapters/telemetry/error-summary.ts';
import { powertoolsLog } from '../../shared/adapters/telemetry/powertools-log.ts';
import { powertoolsMeter } from '../../shared/adapters/telemetry/powertools-meter.ts';

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
    const meter = powertoolsMeter();
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
    const meter = powertoolsMeter();
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
    const meter = powertoolsMeter();
    meter.flush();
    meter.record('Fallback', 0, {});
    meter.flush();
    meter.flush();
    expect(lines()).toHaveLength(1);
  });

  test('more values than a line takes come in several lines, none lost, all with their dimensions', () => {
    const meter = powertoolsMeter();
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
    const meter = powertoolsMeter();
    meter.record('UnknownEvents', 1, { EventName: given });
    meter.flush();
    expect(emf().map(({ EventName }) => EventName)).toEqual([taken]);
  });

  test('many names in one invocation are all printed, and the next invocation works as before', () => {
    const meter = powertoolsMeter();
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
