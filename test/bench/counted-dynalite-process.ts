import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { requestCounter } from './counted-requests.ts';

/**
 * A process with one dynalite behind two ports: what comes through the first is counted, what comes through the
 * second is not. Counting at the emulator's own door adds no hop. `tsx counted-dynalite-process.ts FOLDER`
 */
const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
const store = dynalite({ createTableMs: 0 });
const counter = requestCounter();

function listenCounted(request: IncomingMessage, response: ServerResponse): void {
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  const body: Buffer[] = [];
  request.on('data', (chunk: Buffer) => body.push(chunk));
  const end = response.end.bind(response) as (...parts: unknown[]) => ServerResponse;
  response.end = (...parts: unknown[]) => {
    const [reply] = parts;
    const text = Buffer.isBuffer(reply) ? reply.toString() : typeof reply === 'string' ? reply : '';
    counter.note(operation, Buffer.concat(body).toString(), response.statusCode, text);
    return end(...parts);
  };
  store.emit('request', request, response);
}

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const counted = await listen(listenCounted);
const uncounted = await listen((request, response) => void store.emit('request', request, response));
process.on('message', (question: { readonly ask: 'counts' } | { readonly ask: 'sizes'; table: string }) => {
  process.send?.(question.ask === 'counts' ? counter.counts() : counter.sizes(question.table));
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.send?.({ counted, uncounted });
