import type { Log, LogFields } from '../../ports/telemetry.ts';

/**
 * A log whose every line carries `common`: what is known of a request from its beginning.
 *
 * @example
 * const log = logUnder(dependencies.log, { correlation_id: id, requestId });
 */
export function logUnder(log: Log, common: LogFields): Log {
  return {
    info: (message, fields) => log.info(message, { ...common, ...fields }),
    warn: (message, fields, cause) => log.warn(message, { ...common, ...fields }, cause),
    error: (message, fields, cause) => log.error(message, { ...common, ...fields }, cause),
    trace: (correlationId, message, fields) => log.trace(correlationId, message, { ...common, ...fields }),
  };
}
