/**
 * Which Kinesis emulator the local run should use, measured as the run uses it: PutRecords in, GetRecords out, over
 * HTTP, each emulator in a process of its own, one after the other in each round.
 *
 *   npx tsx test/bench/kinesis-emulators.ts [ROUNDS]
 *
 * kinesis-local takes part if KINESIS_LOCAL_DIR names the folder of its package (it is no dependency here).
 */
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../local/emulator.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const RECORDS = 10_000;
const RECORD_BYTES = 700;
const BATCH = 500;
const IN_FLIGHT = 4;
const SINGLES = 100;

interface Candidate {
  readonly name: string;
  start(): Promise<{ readonly url: string; end(): Promise<void> }>;
}

interface Figures {
  readonly bootMs: number;
  readonly putPerSecond: number;
  readonly getPerSecond: number;
  /** From the call of PutRecords with one record until a reader that polls without pause has it. */
  readonly lagP50Ms: number;
}

const kinesalite: Candidate = {
  name: 'kinesalite (LevelDB)',
  async start() {
    const dir = mkdtempSync(join(tmpdir(), 'kinesis-bench-'));
    mkdirSync(join(dir, 'logs'));
    const emulator = await startEmulator({
      name: 'kinesis',
      package: 'kinesalite',
      dir,
      ephemeral: true,
      region: 'us-east-1',
      accountId: '000000000000',
      say: console.error,
      onRestart: () => undefined,
    });
    return {
      url: emulator.url,
      async end() {
        await emulator.end();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  },
};

function kinesisLocal(folder: string): Candidate {
  return {
    name: 'kinesis-local (memory)',
    async start() {
      const [plain, tls] = [await freePort(), await freePort()];
      const child = spawn(process.execPath, ['main.js'], {
        cwd: folder,
        stdio: 'ignore',
        env: {
          ...process.env,
          KINESIS_MOCK_PLAIN_PORT: String(plain),
          KINESIS_MOCK_TLS_PORT: String(tls),
          CREATE_STREAM_DURATION: '1ms',
          LOG_LEVEL: 'ERROR',
        },
      });
      return {
        url: `http://127.0.0.1:${plain}`,
        async end() {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGKILL');
          await gone;
        },
      };
    },
  };
}

async function measure(candidate: Candidate): Promise<Figures> {
  const startedAt = performance.now();
  const { url, end } = await candidate.start();
  const client = new KinesisClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: new NodeHttpHandler(),
    logger: {} as never,
  });
  try {
    const StreamName = 'bench';
    await persistently(() => client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })));
    await persistently(async () => {
      const { StreamDescriptionSummary } = await client.send(
        new DescribeStreamSummaryCommand({ StreamName }),
      );
      if (StreamDescriptionSummary?.StreamStatus !== 'ACTIVE') throw new Error('not active yet');
    });
    const bootMs = performance.now() - startedAt;

    const Data = Buffer.alloc(RECORD_BYTES, 'x');
    const putStart = performance.now();
    let sent = 0;
    const sender = async (): Promise<void> => {
      while (sent < RECORDS) {
        const first = sent;
        sent += BATCH;
        const Records = Array.from({ length: BATCH }, (_, at) => ({
          PartitionKey: `subject-${first + at}`,
          Data,
        }));
        const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
        if (FailedRecordCount) throw new Error(`${FailedRecordCount} records failed`);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
    const putMs = performance.now() - putStart;

    const getStart = performance.now();
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    let iterator = ShardIterator;
    let received = 0;
    while (received < RECORDS) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 2 * BATCH }));
      received += page.Records?.length ?? 0;
      iterator = page.NextShardIterator;
    }
    const getMs = performance.now() - getStart;

    const lags: number[] = [];
    for (let single = 0; single < SINGLES; single++) {
      const at = performance.now();
      await client.send(new PutRecordsCommand({ StreamName, Records: [{ PartitionKey: 'one', Data }] }));
      for (let seen = false; !seen;) {
        const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
        iterator = page.NextShardIterator;
        seen = (page.Records?.length ?? 0) > 0;
      }
      lags.push(performance.now() - at);
    }
    return {
      bootMs,
      putPerSecond: (RECORDS / putMs) * 1000,
      getPerSecond: (RECORDS / getMs) * 1000,
      lagP50Ms: median(lags),
    };
  } finally {
    client.destroy();
    await end();
  }
}

async function persistently(action: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await action();
      return;
    } catch (cause) {
      if (tries > 400) throw cause;
      await sleep(25);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const rounds = Number(process.argv[2] ?? 3);
const folder = process.env.KINESIS_LOCAL_DIR;
const candidates = [kinesalite, ...(folder ? [kinesisLocal(folder)] : [])];
const results = new Map<Candidate, Figures[]>(candidates.map((candidate) => [candidate, []]));
for (let round = 0; round < rounds; round++) {
  for (const [candidate, figures] of results) figures.push(await measure(candidate));
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}; medians of ${rounds} rounds;`,
);
console.log(
  `${RECORDS} records of ${RECORD_BYTES} bytes, ${BATCH} a request, ${IN_FLIGHT} requests at once, 1 shard\n`,
);
console.log('| emulator | first stream after, ms | in, records/s | out, records/s | put to get p50, ms |');
console.log('|---|---:|---:|---:|---:|');
for (const [{ name }, figures] of results) {
  const columns = [
    median(figures.map(({ bootMs }) => bootMs)).toFixed(0),
    median(figures.map(({ putPerSecond }) => putPerSecond)).toFixed(0),
    median(figures.map(({ getPerSecond }) => getPerSecond)).toFixed(0),
    median(figures.map(({ lagP50Ms }) => lagP50Ms)).toFixed(1),
  ];
  console.log(`| ${[name, ...columns].join(' | ')} |`);
}
if (!folder) console.log('\nkinesis-local: NOT MEASURED (KINESIS_LOCAL_DIR is not set)');
