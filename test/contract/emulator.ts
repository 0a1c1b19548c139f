import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Emulator {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts a server on a free port of this machine. */
export async function listen(server: Server): Promise<Emulator> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error?: Error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
