import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const KEPT = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'];

/** Has an emulator of this process answer a request, without a second connection behind the one that it came by. */
export function askEmulator(server: Server, { method, url, headers }: Asked, body: Buffer): Promise<Reply> {
  return new Promise((resolve) => {
    const kept: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader(name: string, value: unknown) {
        if (KEPT.includes(name.toLowerCase())) kept[name.toLowerCase()] = String(value);
      },
      end(text: string | Buffer = '') {
        resolve({ status: this.statusCode, headers: kept, body: Buffer.from(text as string) });
      },
    };
    const request = Object.assign(Readable.from([body]), { method, url, headers });
    // As much of both as the emulators look at.
    server.emit('request', request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
}
