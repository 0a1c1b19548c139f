import type { CorsPlan } from './plan.ts';

/**
 * The headers that an HTTP API with CORS puts on an answer (in place of the function's own): none for an origin that
 * is not allowed.
 */
export function corsHeaders(cors: CorsPlan, origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined || !cors.allowOrigins.some((allowed) => allows(allowed, origin))) return {};
  return {
    'access-control-allow-origin': cors.allowOrigins.includes('*') ? '*' : origin,
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(cors.exposeHeaders.length > 0
      ? { 'access-control-expose-headers': cors.exposeHeaders.join(',') }
      : {}),
    ...(cors.allowOrigins.includes('*') ? {} : { vary: 'origin' }),
  };
}

/** What answers a browser's preflight: 204, with these headers if the origin is allowed. */
export function preflightHeaders(
  cors: CorsPlan,
  origin: string | undefined,
): Readonly<Record<string, string>> {
  const headers = corsHeaders(cors, origin);
  if (!('access-control-allow-origin' in headers)) return headers;
  return {
    ...headers,
    'access-control-allow-methods': cors.allowMethods.join(','),
    'access-control-allow-headers': cors.allowHeaders.join(','),
    ...(cors.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(cors.maxAgeSeconds) }),
  };
}

/** `https://*` allows every origin of the scheme. */
function allows(allowed: string, origin: string): boolean {
  return allowed.endsWith('*') ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}
