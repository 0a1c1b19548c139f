export interface Route {
  /** As API Gateway writes it: `POST /v1/{call}`, `ANY /files/{path+}` or `$default`. */
  readonly key: string;
}

export interface RouteMatch<R extends Route> {
  readonly route: R;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Chooses the route as an HTTP API does: segment by segment a literal before a variable before a greedy variable,
 * then the method before `ANY`, and `$default` when nothing else fits.
 *
 * @param path decoded, for that is what an HTTP API matches: a `/` that came encoded separates too
 * @example matchRoute([{ key: 'POST /v1/{call}' }], 'POST', '/v1/track')?.parameters // { call: 'track' }
 */
export function matchRoute<R extends Route>(
  routes: readonly R[],
  method: string,
  path: string,
): RouteMatch<R> | undefined {
  let best: (RouteMatch<R> & { readonly rank: string }) | undefined;
  for (const route of routes) {
    const match = matchOne(route, method, path.split('/').slice(1));
    if (match && (!best || match.rank < best.rank)) best = match;
  }
  return best && { route: best.route, parameters: best.parameters };
}

/** A route's rank is text whose order is that of precedence: one digit a segment, one for the method. */
function matchOne<R extends Route>(
  route: R,
  method: string,
  segments: readonly string[],
): (RouteMatch<R> & { readonly rank: string }) | undefined {
  if (route.key === '$default') return { route, parameters: {}, rank: '9' };
  const [verb, pattern = ''] = route.key.split(' ');
  if (verb !== method && verb !== 'ANY') return undefined;
  const parameters: Record<string, string> = {};
  let rank = '';
  const parts = pattern.split('/').slice(1);
  for (const [at, part] of parts.entries()) {
    const variable = /^\{(.+?)(\+?)\}$/.exec(part);
    const segment = segments[at];
    if (variable?.[2]) {
      const rest = segments.slice(at).join('/');
      if (rest === '') return undefined;
      parameters[variable[1]!] = rest;
      return { route, parameters, rank: `${rank}2${verb === 'ANY' ? 1 : 0}` };
    }
    if (segment === undefined || (variable ? segment === '' : segment !== part)) return undefined;
    if (variable) parameters[variable[1]!] = segment;
    rank += variable ? '1' : '0';
  }
  if (segments.length > parts.length) return undefined;
  return { route, parameters, rank: `${rank}${verb === 'ANY' ? 1 : 0}` };
}
