import type { MetricStore } from './metric-store.ts';
import type { RunClock } from './run-clock.ts';

/** What AWS measures by itself and this run measures in its place, under the same names. */
export interface AwsMeters {
  /** One call of a function that ran, however it ended. */
  ran(
    functionName: string,
    call: { readonly isError: boolean; readonly durationMs?: number; readonly atOnce: number },
  ): void;
  /** A call that was turned away. */
  throttled(functionName: string): void;
  /** @param ageMs of the newest record of a batch when it was handed over */
  iteratorAge(functionName: string, ageMs: number): void;
  /** Records that an event source mapping has given up. */
  givenUp(mappingUuid: string, count: number, isKept: boolean): void;
  /** One request to the API and its answer. */
  answered(apiId: string, answer: { readonly status: number; readonly latencyMs: number }): void;
}

export function awsMeters(metrics: MetricStore, clock: Pick<RunClock, 'now'>): AwsMeters {
  const meter =
    (namespace: string, dimension: string) =>
    (resource: string, name: string, value: number, unit = 'Count'): void =>
      metrics.record({
        namespace,
        name,
        dimensions: { [dimension]: resource },
        unit,
        values: [value],
        at: clock.now(),
      });
  const ofFunction = meter('AWS/Lambda', 'FunctionName');
  const ofMapping = meter('AWS/Lambda', 'EventSourceMappingUUID');
  const ofApi = meter('AWS/ApiGateway', 'ApiId');

  return {
    ran(functionName, { isError, durationMs, atOnce }) {
      ofFunction(functionName, 'Invocations', 1);
      ofFunction(functionName, 'Errors', isError ? 1 : 0);
      ofFunction(functionName, 'Throttles', 0);
      ofFunction(functionName, 'ConcurrentExecutions', atOnce);
      if (durationMs !== undefined) ofFunction(functionName, 'Duration', durationMs, 'Milliseconds');
    },
    throttled: (functionName) => ofFunction(functionName, 'Throttles', 1),
    iteratorAge: (functionName, ageMs) => ofFunction(functionName, 'IteratorAge', ageMs, 'Milliseconds'),
    givenUp(mappingUuid, count, isKept) {
      const name = isKept ? 'OnFailureDestinationDeliveredEventCount' : 'DroppedEventCount';
      ofMapping(mappingUuid, name, count);
    },
    answered(apiId, { status, latencyMs }) {
      ofApi(apiId, 'Count', 1);
      ofApi(apiId, '4xx', status >= 400 && status < 500 ? 1 : 0);
      ofApi(apiId, '5xx', status >= 500 ? 1 : 0);
      ofApi(apiId, 'Latency', latencyMs, 'Milliseconds');
    },
  };
}
