import {
  PutRecordsCommand,
  type KinesisClient,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import type { LogEntry } from '../../ports/event-log.ts';
import { backoff, realPauses, type Backoff, type Pauses } from '../backoff.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { isPassingError } from './passing-error.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html, which counts keys as well as data. */
const MAX_RECORDS_A_CALL = 500;
const MAX_BYTES_A_CALL = 5 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 5_000;
const PAUSES = { baseMs: 50, capMs: 1_000 };

export interface StreamWriterOptions {
  readonly client: KinesisClient;
  readonly pauses?: Pauses;
}

/**
 * Puts entries into a stream in their order; one that has to be tried again may come to lie behind later ones of its
 * key. Resolves when every one is durable.
 *
 * @throws what the last try met, if any entry is not known to be durable in time; entries may be there all the same
 */
export type StreamWriter = (
  stream: string,
  entries: readonly LogEntry[],
  options?: { readonly timeoutMs?: number },
) => Promise<void>;

export function streamWriter({ client, pauses = realPauses }: StreamWriterOptions): StreamWriter {
  async function put(stream: string, records: PutRecordsRequestEntry[]): Promise<Unput> {
    try {
      const reply = await client.send(new PutRecordsCommand({ StreamName: stream, Records: records }));
      const results = reply.Records ?? [];
      const failure = results.find((result) => !isDurable(result));
      return {
        records: records.filter((_, index) => !isDurable(results[index])),
        cause: refusal(failure?.ErrorCode),
      };
    } catch (cause) {
      if (isPassingError(cause)) return { records, cause };
      throw cause;
    }
  }

  async function putAll(
    stream: string,
    records: PutRecordsRequestEntry[],
    signal: AbortSignal,
    retries: Backoff,
  ) {
    let left: Unput = { records, cause: undefined };
    while (left.records.length > 0) {
      signal.throwIfAborted();
      left = await put(stream, left.records);
      if (left.records.length > 0 && !(await retries.pause())) throw left.cause;
    }
  }

  return async (stream, entries, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const retries = backoff({ ...PAUSES, budgetMs: timeoutMs }, pauses);
    const putCalls = async () => {
      for (const call of callsOf(entries)) await putAll(stream, call, signal, retries);
    };
    await unlessAborted(putCalls(), signal);
  };
}

/** Records not known to be durable, and why. */
interface Unput {
  readonly records: PutRecordsRequestEntry[];
  readonly cause: unknown;
}

/** Named by its code alone: the message beside it quotes the stream and account, and may quote more. */
function refusal(code = 'RecordWithoutResult'): Error {
  return Object.assign(new Error(code), { name: code });
}

function isDurable(result: PutRecordsResultEntry | undefined): boolean {
  return result?.SequenceNumber !== undefined && result.ErrorCode === undefined;
}

/** As few calls as the limits allow. */
function callsOf(entries: readonly LogEntry[]): PutRecordsRequestEntry[][] {
  const calls: PutRecordsRequestEntry[][] = [];
  let call: PutRecordsRequestEntry[] = [];
  let bytes = 0;
  for (const { partitionKey, data } of entries) {
    const record = { PartitionKey: partitionKey, Data: Buffer.from(data) };
    const recordBytes = record.Data.byteLength + Buffer.byteLength(partitionKey);
    if (call.length === MAX_RECORDS_A_CALL || bytes + recordBytes > MAX_BYTES_A_CALL) {
      if (call.length > 0) calls.push(call);
      call = [];
      bytes = 0;
    }
    call.push(record);
    bytes += recordBytes;
  }
  if (call.length > 0) calls.push(call);
  return calls;
}
