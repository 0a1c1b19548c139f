import type { IncomingMessage, ServerResponse } from 'node:http';
import { shopServer, type ShopServerOptions } from '../../web/demo/server/shop-server.ts';
import type { Faults } from '../faults.ts';
import { pageHeaders } from '../ops/answer-ops.ts';
import type { Asset } from '../ops/page-assets.ts';
import { type DemoAssets, demoAssets, SDK_PATH } from './demo-assets.ts';

/** The shop's pages; which of them it is, its script sees by the path. */
const PAGES = /^\/(?:(?:cart|checkout|account)|product\/[\w-]+|order\/[\w-]+)?$/;

export interface DemoOptions extends ShopServerOptions {
  readonly writeKey: string;
  readonly faults: () => Pick<Faults, 'sdk'>;
}

/**
 * Answers the demo shop; false: it is nothing of this.
 *
 * - `GET /`, `/product/…`, `/cart`, `/checkout`, `/order/…`, `/account`: its pages. `/shop/…`: what they are made of, and its server side.
 */
export function demoShop(
  options: DemoOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const server = shopServer(options);
  /** Made when first asked for: who does not look pays nothing. */
  let assets: Promise<DemoAssets> | undefined;
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://local');
    const isPage = PAGES.test(pathname);
    if (!isPage && !pathname.startsWith('/shop/')) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') return !isPage && server(request, response);
    // As an ad blocker does it: no answer at all.
    if (pathname === SDK_PATH && options.faults().sdk === 'blocked') {
      request.socket.destroy();
      return true;
    }
    const { page, files } = await (assets ??= demoAssets(options.writeKey));
    const asset = isPage ? page : files.get(pathname);
    if (asset === undefined) return server(request, response);
    send(response, asset, request.method);
    return true;
  };
}

function send(response: ServerResponse, { type, body }: Asset, method: string): void {
  response.writeHead(200, { 'content-type': type, ...pageHeaders });
  response.end(method === 'HEAD' ? undefined : body);
}
