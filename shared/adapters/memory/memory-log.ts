import { isTraced } from '../../domain/traced.ts';
import type { Log } from '../../ports/telemetry.ts';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

export interface MemoryLog extends Log {
  readonly lines: readonly LogLine[];
}

/** A log in memory, for tests. It writes under every trace-id. */
export function memoryLog(): MemoryLog {
  const lines: LogLine[] = [];
  return {
    lines,
    info: (message, fields = {}) => void lines.push({ level: 'info', message, fields: { ...fields } }),
    warn: (message, fields = {}, cause) =>
      void lines.push({ level: 'warn', message, fields: { ...fields }, cause }),
    error: (message, fields = {}, cause) =>
      void lines.push({ level: 'error', message, fields: { ...fields }, cause }),
    trace(correlationId, message, fields = {}) {
      if (isTraced(correlationId, 1))
        lines.push({ level: 'info', message, fields: { ...fields, correlation_id: correlationId } });
    },
  };
}
