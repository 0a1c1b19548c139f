import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { listen, type Emulator } from './emulator.ts';

export interface Trap extends Emulator {
  /** Requests that arrived, or connections where nothing is ever read. */
  count(): number;
}

/** An endpoint that answers every request as it is told. */
export async function answering(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Trap> {
  let count = 0;
  const emulator = await listen(
    createServer((request, response) => {
      count += 1;
      const number = count;
      request.resume().once('end', () => answer(request, response, number));
    }),
  );
  return { ...emulator, count: () => count };
}

/** An endpoint that takes every connection and says nothing. */
export async function blackHole(): Promise<Trap> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    count: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
