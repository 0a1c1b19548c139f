import { Logger } from '@aws-lambda-powertools/logger';
import { isTraced } from '../../domain/traced.ts';
import type { Log, LogFields } from '../../ports/telemetry.ts';
import { errorSummary } from './error-summary.ts';

export interface PowertoolsLogOptions {
  /** The share of correlation ids under which {@link Log.trace} writes, 0 to 1. Default: TRACE_SAMPLE_RATE, or none. */
  readonly traceSampleRate?: number;
}

/** Structured JSON logs. `service` comes from POWERTOOLS_SERVICE_NAME; events and payloads are never logged. */
export function powertoolsLog(
  functionName: string,
  { traceSampleRate = Number(process.env.TRACE_SAMPLE_RATE ?? 0) }: PowertoolsLogOptions = {},
): Log {
  let made: Logger | undefined;
  // Made for the first line: a function that is well writes hardly any, and making it is part of every cold start.
  const logger = (): Logger => (made ??= new Logger({ persistentKeys: { function: functionName } }));
  return {
    info: (message, fields = {}) => logger().info(message, fields),
    warn: (message, fields, cause) => logger().warn(message, withCause(fields, cause)),
    error: (message, fields, cause) => logger().error(message, withCause(fields, cause)),
    trace(correlationId, message, fields = {}) {
      if (isTraced(correlationId, traceSampleRate))
        logger().info(message, { ...fields, correlation_id: correlationId });
    },
  };
}

function withCause(fields: LogFields = {}, cause: unknown) {
  return { ...fields, ...(cause !== undefined && { cause: errorSummary(cause) }) };
}
