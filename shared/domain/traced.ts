const TRACE_ID = /^[\da-f]{32}$/;
/** Of a trace-id's last 56 bits, as many as a number holds exactly. */
const RANDOM_DIGITS = 13;

/**
 * Whether what happens under a correlation id is written to the logs: OpenTelemetry's consistent sampling, by the
 * id's own last digits. Every function answers alike for one id, so a trace is written whole or not at all, and an id
 * that ends in fourteen `f` always is (unless the rate is 0). Ids that nobody sent (a request's own) never are.
 *
 * @param rate the share of ids, 0 to 1
 */
export function isTraced(correlationId: string, rate: number): boolean {
  if (rate <= 0 || !TRACE_ID.test(correlationId)) return false;
  const random = Number.parseInt(correlationId.slice(-14).slice(0, RANDOM_DIGITS), 16);
  return random >= (1 - rate) * 16 ** RANDOM_DIGITS;
}
