import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { parseMessage } from '../shared/protocol/message.ts';
import { LocalFault } from './fault.ts';

/** What a replay sent, and under which names it can be found again. */
export interface SentEvents {
  readonly accepted: number;
  readonly rejected: number;
  /** Lines that are no JSON. */
  readonly skipped: number;
  /** How often each message was acknowledged. */
  readonly acceptedMessages: ReadonlyMap<string, number>;
}

const MAX_BATCH_BYTES = 400 * 1024;
const MAX_BATCH_EVENTS = 400;
const REQUESTS_IN_FLIGHT = 4;
const MAX_TRIES = 8;

/** Sends NDJSON to a collector as a server source, in batches, each tried again until it is acknowledged. */
export async function sendEvents(
  bytes: Readable,
  url: string,
  secretKey: string,
  onProgress: (count: number) => void,
): Promise<SentEvents> {
  const acceptedMessages = new Map<string, number>();
  const counts = { accepted: 0, rejected: 0, skipped: 0 };
  const limit = pLimit(REQUESTS_IN_FLIGHT);
  const requests = new Set<Promise<void>>();
  let failure: unknown;

  const send = async (lines: readonly string[]): Promise<void> => {
    const rejected = new Set(await postBatch(`{"batch":[${lines.join(',')}]}`, url, secretKey));
    for (const [index, line] of lines.entries()) {
      const parsed = rejected.has(index) ? null : parseMessage(JSON.parse(line));
      if (!parsed?.ok) continue;
      const { messageId } = parsed.value.message;
      acceptedMessages.set(messageId, (acceptedMessages.get(messageId) ?? 0) + 1);
    }
    counts.rejected += rejected.size;
    counts.accepted += lines.length - rejected.size;
    onProgress(counts.accepted + counts.rejected);
  };
  const queue = async (lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    const request: Promise<void> = limit(send, lines).catch((error: unknown) => void (failure ??= error));
    requests.add(request);
    void request.finally(() => requests.delete(request));
    // A file is read no faster than it is sent.
    while (limit.pendingCount > REQUESTS_IN_FLIGHT) await Promise.race(requests);
    if (failure !== undefined) throw failure;
  };

  let batch: string[] = [];
  let size = 0;
  for await (const line of createInterface({ input: bytes, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    if (!isJson(line)) {
      counts.skipped += 1;
      continue;
    }
    const lineSize = Buffer.byteLength(line) + 1;
    if (batch.length >= MAX_BATCH_EVENTS || size + lineSize > MAX_BATCH_BYTES) {
      await queue(batch);
      batch = [];
      size = 0;
    }
    batch.push(line);
    size += lineSize;
  }
  await queue(batch);
  await Promise.all(requests);
  if (failure !== undefined) throw failure;
  return { ...counts, acceptedMessages };
}

/** @returns the indexes of the events that were rejected */
async function postBatch(body: string, url: string, secretKey: string): Promise<readonly number[]> {
  for (let attempt = 1; ; attempt++) {
    const reply = await post(body, url, secretKey);
    if (reply?.status === 200) {
      const { rejected = [] } = (await reply.json()) as { rejected?: readonly { readonly index: number }[] };
      return rejected.map(({ index }) => index);
    }
    const isPassing = reply === null || reply.status === 429 || reply.status >= 500;
    if (!isPassing || attempt === MAX_TRIES) {
      throw new LocalFault(
        reply === null ? `nobody answers at ${url}` : `${url} answers ${reply.status}: ${await reply.text()}`,
      );
    }
    const retryAfterSeconds = Number(reply?.headers.get('retry-after') ?? 0);
    await sleep(Math.max(retryAfterSeconds * 1000, 100 * 2 ** attempt));
  }
}

async function post(body: string, url: string, secretKey: string): Promise<Response | null> {
  try {
    return await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
      },
      body,
      signal: AbortSignal.timeout(30_000),
    });
  } catch {
    return null;
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
