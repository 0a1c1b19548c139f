import { createServer, type ServerResponse } from 'node:http';
import { listen, type Emulator } from './emulator.ts';

/**
 * How an issuer's document fails to come: `error` (500), `silent` (nothing ever comes), `drip` (a byte now and then),
 * `garbage` (no JSON), `no set` (JSON, but not that), `endless` (megabytes), `elsewhere` (a redirect), `gone` (the
 * connection is closed).
 */
export const JWKS_FAULTS = [
  'error',
  'silent',
  'drip',
  'garbage',
  'no set',
  'endless',
  'elsewhere',
  'gone',
] as const;
export type JwksFault = (typeof JWKS_FAULTS)[number];

export interface JwksServer extends Emulator {
  readonly url: string;
  /** Requests so far. */
  asked(): number;
  publish(keys: readonly unknown[]): void;
  /** From now on; `null`: it is well again. */
  fail(fault: JwksFault | null): void;
}

const DRIP_MS = 20;

/** An issuer's JWK set on a free port of this machine. */
export async function jwksServer(first: readonly unknown[] = []): Promise<JwksServer> {
  let keys = first;
  let fault: JwksFault | null = null;
  let requests = 0;
  const drips = new Set<NodeJS.Timeout>();

  const answer = (response: ServerResponse): void => {
    const json = { 'content-type': 'application/json' };
    switch (fault) {
      case null:
        return void response.writeHead(200, json).end(JSON.stringify({ keys }));
      case 'error':
        return void response.writeHead(500, json).end(JSON.stringify({ keys }));
      case 'silent':
        return;
      case 'drip': {
        response.writeHead(200, json).write('{"keys":[');
        const drip = setInterval(() => response.write(' '), DRIP_MS);
        drips.add(drip);
        response.once('close', () => clearInterval(drip));
        return;
      }
      case 'garbage':
        return void response.writeHead(200, json).end('<html>Sign in</html>');
      case 'no set':
        return void response.writeHead(200, json).end('{"keys":"none"}');
      case 'endless':
        return void response.writeHead(200, json).end(`{"keys":[],"x":"${'x'.repeat(1_000_000)}"}`);
      case 'elsewhere':
        return void response.writeHead(302, { location: '/elsewhere' }).end();
      case 'gone':
        return void response.socket?.destroy();
    }
  };
  const emulator = await listen(
    createServer((request, response) => {
      requests += 1;
      if (request.url === '/elsewhere') response.writeHead(200).end(JSON.stringify({ keys }));
      else answer(response);
    }),
  );
  return {
    endpoint: emulator.endpoint,
    url: `${emulator.endpoint}/.well-known/jwks.json`,
    asked: () => requests,
    publish: (published) => void (keys = published),
    fail: (next) => void (fault = next),
    async close() {
      for (const drip of drips) clearInterval(drip);
      await emulator.close();
    },
  };
}
