export interface ErrorSummary {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it was thrown: the stack's frames without the message above them. */
  readonly frames?: string;
  readonly cause?: ErrorSummary;
}

const MAX_DEPTH = 4;
const MAX_FRAMES = 8;

/**
 * What of an error may be logged. Messages of parsers quote what they parsed, which may be personal data, so a
 * message is kept only where a code or an AWS reply shows that it was written for operators (Node's own `ERR_…`
 * messages quote arguments).
 */
export function errorSummary(error: unknown, depth = 1): ErrorSummary {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isForOperators = (code !== undefined && !code.startsWith('ERR_')) || '$metadata' in error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(code !== undefined && { code }),
    ...(isForOperators && { message: error.message }),
    ...(frames.length > 0 && { frames: frames.slice(0, MAX_FRAMES).join('\n') }),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: errorSummary(error.cause, depth + 1) }),
  };
}
