/**
 * How many events a second the fold takes on an emulator, beside two designs that take events one by one, in turns.
 *
 *   CARTWRIGHT_DATA=FOLDER npm run bench -- fold-throughput [EVENTS A RUN] [ROUNDS]
 *
 * Writes its section of docs/benchmarks.md, unless there is no real data to run on.
 */
import { loadavg } from 'node:os';
import pLimit from 'p-limit';
import type { BatchRecord } from '../../functions/fold-profiles/batch-record.ts';
import { foldBatch } from '../../functions/fold-profiles/fold-batch.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { incarnationOf } from '../../shared/domain/watermark.ts';
import { provenance, writeSection } from './benchmark-page.ts';
import { startCountedDynalite, type CountedDynalite } from './counted-dynalite.ts';
import { foldInMemory, foldPorts, FULL_BATCHES, recordsOf } from './fold-in-memory.ts';
import { createTable, NAIVE_SEEN, putSeen, runNaiveDesign, SUBJECTS_IN_FLIGHT } from './naive-design.ts';
import { realEvents, type EventFile } from './real-events.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const TABLE = 'fold-profiles';
const events = Number(process.argv[2] ?? 5_000);
const rounds = Number(process.argv[3] ?? 7);

/** One way of getting events into a table. */
interface Design {
  readonly name: string;
  /** @returns events a second */
  run(dynalite: CountedDynalite, lines: readonly string[]): Promise<number>;
}

interface Measured {
  readonly eventsPerSecond: number;
  readonly writesAnEvent: number;
}

const FOLD: Design = { name: 'the fold', run: runFold };
const DESIGNS: readonly Design[] = [
  FOLD,
  { name: 'one event at a time', run: runOneByOne },
  {
    name: 'naive',
    run: async ({ url }, lines) => (await runNaiveDesign(url, lines, 0)).eventsPerSecond,
  },
];

const rows: string[] = [];
const bounds: string[] = [];
for (const file of realEvents()) {
  const lines = file.lines.slice(0, events);
  const measured: ReadonlyMap<Design, Measured>[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(lines, round));
  rows.push(...rowsOf(file, lines.length, measured));
  bounds.push(await boundOf(file, lines));
  console.log([...rows, ...bounds].join('\n'));
}
const markdown = [
  '## Throughput of the fold',
  `\`CARTWRIGHT_DATA=… npm run bench -- fold-throughput\`. ${provenance(new Date())} Load average at the end: ${loadavg()[0]?.toFixed(1)}.`,
  `The first ${events.toLocaleString('en')} events of each file, ${rounds} rounds; in each round all designs, in turns, each into an empty dynalite in a process of its own. ` +
    'Events a second, median (least to most); the ratio is that of each round. Batches are full, as when the fold is behind; one batch at a time.',
  '“One event at a time” leaves the same items behind: for each event one put into a table of seen messages on the condition that it is new, a read of the facets that it ' +
    `touches, and their writes and links, by the fold’s own code; ${SUBJECTS_IN_FLIGHT} subjects at a time, like the fold. “Naive” is the design of “Real input” above: it writes one facet only and no links, and reads nothing.`,
  [
    '| | design | events a second | writes an event | the fold ÷ it |',
    '|---|---|---:|---:|---:|',
    ...rows,
  ].join('\n'),
  `Batches save what falls on one item at the same time, and nothing else. ${bounds.join(' ')}`,
].join('\n\n');
if (process.env.CARTWRIGHT_DATA === undefined) console.log(markdown);
else await writeSection('fold-throughput', markdown);

async function measureRound(lines: readonly string[], round: number): Promise<ReadonlyMap<Design, Measured>> {
  const first = round % DESIGNS.length;
  const measured = new Map<Design, Measured>();
  for (const design of [...DESIGNS.slice(first), ...DESIGNS.slice(0, first)]) {
    const dynalite = await startCountedDynalite();
    try {
      const eventsPerSecond = await design.run(dynalite, lines);
      const counts = Object.values(await dynalite.counts());
      const writes = counts.reduce((sum, table) => sum + table.writes, 0);
      measured.set(design, { eventsPerSecond, writesAnEvent: writes / lines.length });
    } finally {
      await dynalite.end();
    }
  }
  return measured;
}

async function runFold({ url }: CountedDynalite, lines: readonly string[]): Promise<number> {
  return withFold(url, lines, async (records, fold) => {
    for (let from = 0; from < records.length; from += FULL_BATCHES[fold.lane])
      await fold.batch(records.slice(from, from + FULL_BATCHES[fold.lane]));
  });
}

async function runOneByOne({ url }: CountedDynalite, lines: readonly string[]): Promise<number> {
  return withFold(url, lines, async (records, { batch, client }) => {
    const subjects = new Map<string, BatchRecord[]>();
    for (const record of records)
      subjects.set(record.partitionKey, [...(subjects.get(record.partitionKey) ?? []), record]);
    await pLimit(SUBJECTS_IN_FLIGHT).map([...subjects], async ([key, ofSubject]) => {
      for (const record of ofSubject) {
        const parsed = parseStreamRecord(record.data, key);
        if (!parsed.ok) throw new Error(parsed.rejection.message);
        if (await putSeen(client, key, parsed.value.message.messageId)) await batch([record]);
      }
    });
  });
}

interface LaneFold {
  readonly lane: Lane;
  readonly client: DynamoDBClient;
  batch(records: readonly BatchRecord[]): Promise<void>;
}

/** Has the fold's own code ready for each lane's records. @returns events a second */
async function withFold(
  endpoint: string,
  lines: readonly string[],
  run: (records: readonly BatchRecord[], fold: LaneFold) => Promise<void>,
): Promise<number> {
  const client = dynamodbClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  try {
    for (const table of [TABLE, NAIVE_SEEN]) await createTable(client, table);
    const store = dynamodbProfileStore({ client, table: TABLE });
    const { lanes } = await recordsOf(lines);
    const startedAt = performance.now();
    for (const lane of ['critical', 'bulk'] as const) {
      const ports = foldPorts(lane, store);
      await run(lanes[lane], {
        lane,
        client,
        async batch(records) {
          const failed = await foldBatch(records, incarnationOf(lane), () => true, ports);
          if (failed !== null) throw new Error(`a record could not be folded: ${failed}`);
        },
      });
    }
    return ((lanes.critical.length + lanes.bulk.length) * 1000) / (performance.now() - startedAt);
  } finally {
    client.destroy();
  }
}

function rowsOf(
  { name }: EventFile,
  count: number,
  measured: readonly ReadonlyMap<Design, Measured>[],
): readonly string[] {
  return DESIGNS.map((design) => {
    const rates = measured.map((round) => round.get(design)!.eventsPerSecond);
    const ratios = measured.map(
      (round) => round.get(FOLD)!.eventsPerSecond / round.get(design)!.eventsPerSecond,
    );
    const cells = [
      `${name}, ${count.toLocaleString('en')}`,
      design.name,
      spread(rates, 0),
      measured[0]!.get(design)!.writesAnEvent.toFixed(2),
      design === FOLD ? '' : spread(ratios, 2),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((one, other) => one - other);
  const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

/** What no batching can save: every item has to be written once. */
async function boundOf({ name }: EventFile, lines: readonly string[]): Promise<string> {
  const { items, events: count } = await foldInMemory(lines);
  const floor = items.length / count;
  return `The events of ${name} leave ${floor.toFixed(2)} items each: whatever batches there are, it is no less than ${floor.toFixed(2)} writes an event, at most ${(2 / floor).toFixed(1)} times fewer than the naive two.`;
}
