import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalFault } from './fault.ts';

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Answers what is under way, up to five seconds, then closes all connections. */
  end(): Promise<void>;
}

/**
 * Listens on the loopback interface only. Port 0: any free one.
 *
 * @throws {LocalFault} if the port is taken
 */
export async function listen(port: number, listener: RequestListener): Promise<HttpServer> {
  const server = createServer(listener);
  // Longer than clients keep idle connections: one that closes under a request looks like a failure.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new LocalFault(
          cause.code === 'EADDRINUSE'
            ? `Port ${port} is taken: stop what uses it, or choose another with PORT.`
            : `Cannot listen on port ${port}: ${cause.message}.`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, end: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const giveUpAt = Date.now() + 5_000;
  const timer = setInterval(() => {
    if (Date.now() < giveUpAt) server.closeIdleConnections();
    else server.closeAllConnections();
  }, 20);
  await closed;
  clearInterval(timer);
}

/** The whole body; `undefined` if it is larger than `limit` bytes (then it is read all the same, so that the sender gets an answer). */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}
