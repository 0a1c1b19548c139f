/**
 * How many events a second the fold takes on an emulator, beside the naive design, in turns.
 *
 *   CARTWRIGHT_DATA=FOLDER npm run bench -- fold-throughput [EVENTS A RUN] [ROUNDS]
 *
 * Writes its section of docs/benchmarks.md, unless there is no real data to run on.
 */
import { loadavg } from 'node:os';
import { foldBatch } from '../../functions/fold-profiles/fold-batch.ts';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { memoryLog } from '../../shared/adapters/memory/memory-log.ts';
import { memoryMeter } from '../../shared/adapters/memory/memory-meter.ts';
import { memorySuppressions } from '../../shared/adapters/memory/memory-suppressions.ts';
import { memoryQuarantine } from '../../shared/adapters/memory/memory-quarantine.ts';
import { segmentsOfConfig } from '../../shared/domain/segments/compile-segments.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import { store as config } from '../../store.config.ts';
import { provenance, writeSection } from './benchmark-page.ts';
import { startCountedDynalite } from './counted-dynalite.ts';
import { FULL_BATCHES, recordsOf, STILL } from './fold-in-memory.ts';
import { createTable, runNaiveDesign } from './naive-design.ts';
import { realEvents, type EventFile } from './real-events.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const TABLE = 'fold-profiles';
const events = Number(process.argv[2] ?? 5_000);
const rounds = Number(process.argv[3] ?? 7);

interface Round {
  readonly fold: number;
  readonly naive: number;
}

const rows: string[] = [];
for (const file of realEvents()) {
  const lines = file.lines.slice(0, events);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(lines, round % 2 === 0));
  rows.push(rowOf(file, lines.length, measured));
  console.log(rows.at(-1));
}
const markdown = [
  '## Throughput of the fold',
  `\`CARTWRIGHT_DATA=… npm run bench -- fold-throughput\`. ${provenance(new Date())} Load average at the end: ${loadavg()[0]?.toFixed(1)}.`,
  `The first ${events.toLocaleString('en')} events of each file, ${rounds} rounds; in each round both designs, in turns, each into an empty dynalite in a process of its own. ` +
    'Events a second, median (least to most); the ratio is that of each round. Batches are full, as when the fold is behind; one batch at a time.',
  ['| | fold | naive | ratio |', '|---|---:|---:|---:|', ...rows].join('\n'),
].join('\n\n');
if (process.env.CARTWRIGHT_DATA === undefined) console.log(markdown);
else await writeSection('fold-throughput', markdown);

async function measureRound(lines: readonly string[], isFoldFirst: boolean): Promise<Round> {
  if (isFoldFirst) {
    const fold = await measureFold(lines);
    return { fold, naive: await measureNaive(lines) };
  }
  const naive = await measureNaive(lines);
  return { fold: await measureFold(lines), naive };
}

async function measureNaive(lines: readonly string[]): Promise<number> {
  const dynalite = await startCountedDynalite();
  try {
    return (await runNaiveDesign(dynalite.url, lines, 0)).eventsPerSecond;
  } finally {
    await dynalite.end();
  }
}

async function measureFold(lines: readonly string[]): Promise<number> {
  const dynalite = await startCountedDynalite();
  const client = dynamodbClient({
    endpoint: dynalite.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  try {
    await createTable(client, TABLE);
    const store = dynamodbProfileStore({ client, table: TABLE });
    const { lanes } = await recordsOf(lines);
    const startedAt = performance.now();
    for (const lane of ['critical', 'bulk'] as const) {
      for (let from = 0; from < lanes[lane].length; from += FULL_BATCHES[lane]) {
        const batch = lanes[lane].slice(from, from + FULL_BATCHES[lane]);
        const failed = await foldBatch(batch, incarnationOf(lane), () => true, {
          lane,
          store,
          quarantine: memoryQuarantine(),
          suppressions: memorySuppressions(),
          clock: STILL,
          meter: memoryMeter(),
          log: memoryLog(),
          windows: segmentsOfConfig(config.segments).windows,
          streamRetentionMs: config.stages.dev.streamRetentionHours * 3_600_000,
        });
        if (failed !== null) throw new Error(`a record could not be folded: ${failed}`);
      }
    }
    return ((lanes.critical.length + lanes.bulk.length) * 1000) / (performance.now() - startedAt);
  } finally {
    client.destroy();
    await dynalite.end();
  }
}

function rowOf({ name }: EventFile, count: number, measured: readonly Round[]): string {
  const spread = (values: readonly number[], digits: number): string => {
    const sorted = [...values].sort((one, other) => one - other);
    const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
    return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
  };
  return `| ${[
    `${name}, ${count.toLocaleString('en')}`,
    spread(
      measured.map(({ fold }) => fold),
      0,
    ),
    spread(
      measured.map(({ naive }) => naive),
      0,
    ),
    spread(
      measured.map(({ fold, naive }) => fold / naive),
      2,
    ),
  ].join(' | ')} |`;
}
