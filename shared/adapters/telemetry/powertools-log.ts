import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../../ports/telemetry.ts';
import { errorSummary } from './error-summary.ts';

/** Structured JSON logs. `service` comes from POWERTOOLS_SERVICE_NAME; events and payloads are never logged. */
export function powertoolsLog(functionName: string): Log {
  const logger = new Logger({ persistentKeys: { function: functionName } });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}, cause) =>
      logger.error(message, { ...fields, ...(cause !== undefined && { cause: errorSummary(cause) }) }),
  };
}
