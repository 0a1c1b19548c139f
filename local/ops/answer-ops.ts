import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { opsState, type OpsSources } from './ops-state.ts';
import { type Asset, pageAssets } from './page-assets.ts';

const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/** Of a page of this run's own: everything comes from here, nothing is inline, nobody frames it. */
export const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/**
 * Answers the page and what it asks for; false: it is nothing of this.
 *
 * - `GET /ops`, `/ops/runbook` and their assets.
 * - `GET /_local/ops?minutes=60`: an `OpsState`. `GET /_local/runbook`: the runbook as it is written.
 */
export function opsPage(
  run: OpsSources,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  /** Made when first asked for: who does not look pays nothing. */
  let assets: Promise<ReadonlyMap<string, Asset>> | undefined;
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
    const send = ({ type, body }: Asset): true => {
      response.writeHead(200, { 'content-type': type, ...pageHeaders });
      response.end(request.method === 'HEAD' ? undefined : body);
      return true;
    };
    if (pathname === '/_local/ops') {
      const minutes = Number(searchParams.get('minutes') ?? DEFAULT_MINUTES) || DEFAULT_MINUTES;
      const state = opsState(run, Math.min(Math.max(1, minutes), MAX_MINUTES) * MINUTE_MS);
      return send({ type: 'application/json', body: JSON.stringify(state) });
    }
    if (pathname === '/_local/runbook')
      return send({ type: 'text/markdown; charset=utf-8', body: runbook() });
    if (pathname !== '/ops' && !pathname.startsWith('/ops/')) return false;
    const asset = (await (assets ??= pageAssets())).get(pathname === '/ops/' ? '/ops' : pathname);
    return asset !== undefined && send(asset);
  };
}

function runbook(): string {
  return readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
}
