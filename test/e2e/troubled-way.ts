import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What the next request meets: a refusal on the way, or the collector whose answer gets lost on the way back. */
export type Trouble =
  { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'answer lost';

export interface Passed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly messageIds: readonly string[];
}

export interface TroubledWay {
  readonly url: string;
  /** Every request that came this far, in turn. */
  readonly passed: readonly Passed[];
  close(): Promise<void>;
}

/** A way to the collector on which the first requests meet trouble, one after the other; the rest get through. */
export async function troubledWay(upstream: string, troubles: readonly Trouble[]): Promise<TroubledWay> {
  const left = [...troubles];
  const passed: Passed[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      passed.push({ path: request.url ?? '', headers: request.headers, messageIds: messageIdsOf(body) });
      const trouble = left.shift();
      if (trouble !== undefined && trouble !== 'answer lost') {
        response.writeHead(trouble.status, trouble.headers).end('{"message":"not now"}');
        return;
      }
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
      fetch(upstream + (request.url ?? ''), {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        body,
      }).then(
        async (reply) => {
          const text = await reply.text();
          if (trouble === 'answer lost') response.destroy();
          else response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(text);
        },
        () => response.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function messageIdsOf(body: Buffer): readonly string[] {
  const text = body[0] === 0x1f ? gunzipSync(body) : body;
  const { batch } = JSON.parse(text.toString()) as { batch: readonly { messageId: string }[] };
  return batch.map(({ messageId }) => messageId);
}
