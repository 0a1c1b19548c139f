/**
 * What real events cost and how fast they become visible, beside a naive design.
 *
 *   CARTWRIGHT_DATA=FOLDER npm run bench -- real-input [EVENTS OF EACH FILE AT MOST]
 *
 * Writes its section of docs/benchmarks.md, unless there is no real data to run on.
 */
import { loadavg } from 'node:os';
import { provenance, writeSection } from './benchmark-page.ts';
import { foldInMemory, type MemoryFold } from './fold-in-memory.ts';
import { measureReplay, percentile, type DecisionCost, type MeasuredReplay } from './measured-replay.ts';
import { realEvents, type EventFile } from './real-events.ts';
import { measureSteadyLoad, type SteadyLoad } from './steady-load.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const NAIVE_EVENTS = 3_000;
const DECISIONS = 100;
/** More than this machine can fold, perhaps, and what leaves it air. */
const OFFERED_PER_SECOND = [1_000, 250];
const STEADY_SECONDS = 30;

const most = Number(process.argv[2] ?? Infinity);
const results: {
  readonly file: EventFile;
  readonly lines: number;
  readonly whole: MemoryFold;
  readonly result: MeasuredReplay;
}[] = [];
const loads: number[] = [];
const files = realEvents();
const isReal = process.env.CARTWRIGHT_DATA !== undefined;

for (const file of files) {
  const lines = file.lines.slice(0, most);
  const result = await measureReplay(lines, { naiveEvents: NAIVE_EVENTS, decisions: DECISIONS });
  results.push({ file, lines: lines.length, whole: await foldInMemory(file.lines), result });
  loads.push(loadavg()[0] ?? 0);
  await report([]);
}
const olist = files.find(({ name }) => name === 'Olist');
const loadsMeasured: SteadyLoad[] = [];
for (const perSecond of olist ? OFFERED_PER_SECOND : []) {
  loadsMeasured.push(await measureSteadyLoad(olist!.lines, perSecond, STEADY_SECONDS));
  await report(loadsMeasured);
}

async function report(steady: readonly SteadyLoad[]): Promise<void> {
  const markdown = sectionOf(steady);
  if (isReal) await writeSection('real-input', markdown);
  else if (steady.length === 0) console.log(markdown);
}

function sectionOf(steady: readonly SteadyLoad[]): string {
  const sets = results.map(({ file, lines, whole, result }) => ({
    name: file.name,
    part:
      lines === file.lines.length
        ? `all ${count(lines)}`
        : `first ${count(lines)} of ${count(file.lines.length)}`,
    ...result,
    whole,
    accepted: result.sent.accepted,
  }));
  type Set = (typeof sets)[number];
  const row = (title: string, cell: (set: Set) => string): string =>
    `| ${title} | ${sets.map(cell).join(' | ')} |`;
  const kinds = [...new Set(sets.flatMap(({ sizes }) => [...sizes.keys()]))].sort();
  return [
    '## Real input',
    `\`CARTWRIGHT_DATA=… npm run bench -- real-input\`. ${provenance(new Date())} ` +
      `The machine was shared: its load average was ${Math.min(...loads).toFixed(1)} to ` +
      `${Math.max(...loads).toFixed(1)} at the ends of the runs, so take rates and lags for bounds. Counts and sizes are exact.`,
    'Each data set is replayed into an empty local run, emulators, sender and counting on the same machine. Requests to the ' +
      'table are counted at the emulator’s door, and units computed from the bytes of each request and reply by DynamoDB’s rules. ' +
      'How many writes an event takes depends on how full the batches are: events that wait share a write. The row ' +
      '“in full batches” is the fold’s own code over the whole file, every batch as large as its event source mapping allows.',
    [
      `| | ${sets.map(({ name }) => name).join(' | ')} |`,
      `|---|${sets.map(() => '---:').join('|')}|`,
      row('events', ({ part }) => part),
      row('accepted + rejected', ({ sent }) => `${count(sent.accepted)} + ${count(sent.rejected)}`),
      row(
        'applied + deduplicated + quarantined',
        ({ account }) =>
          `${count(account.applied)} + ${count(account.deduplicated)} + ${count(account.quarantined)}`,
      ),
      row('rejected, kept in quarantine', ({ rejectedKept }) => count(rejectedKept)),
      row('**gap**', ({ account }) => `**${account.gap}**`),
      row('events/s until the last one is visible', (set) => count(Math.round(set.accepted / set.seconds))),
      row('peak RSS of all processes, MB', ({ peakBytes }) => count(Math.round(peakBytes / 2 ** 20))),
      row('**table writes an event**', (set) => `**${ratio(set.folding.writes, set.accepted)}**`),
      row('… of the whole file, in full batches', ({ whole }) => ratio(whole.writes, whole.events)),
      row('writes refused by their condition', ({ folding }) => count(folding.refused)),
      row('write units an event', (set) => ratio(set.folding.writeUnits, set.accepted)),
      row('read units an event (consistent BatchGet)', (set) => ratio(set.folding.readUnits, set.accepted)),
      row('read units a decision: a device', ({ decisions }) => cost(decisions.device)),
      row('… an account', ({ decisions }) => cost(decisions.account)),
      row('… an account with linked devices', ({ decisions }) => cost(decisions['linked account'])),
      row('naive: events', ({ naive }) => `first ${count(naive.events)}`),
      row('naive: table writes an event', ({ naive }) => ratio(naive.writing.writes, naive.events)),
      row('naive: write units an event', ({ naive }) => ratio(naive.writing.writeUnits, naive.events)),
      row('naive: read units a decision', ({ naive }) => ratio(naive.deciding.readUnits, naive.decisions)),
      row('naive: events/s, neither collector nor stream', ({ naive }) =>
        count(Math.round(naive.eventsPerSecond)),
      ),
    ].join('\n'),
    'The naive design: for each event one put into a table of seen messages on the condition that it is new, and one update of a ' +
      'facet; for each decision three strongly consistent reads. In its favour it writes one facet only, no links, and reads nothing ' +
      'before it writes.',
    'Bytes of an item as DynamoDB counts them, at the end of the replay: items, then p50 / p95 / largest.',
    [
      `| | ${sets.map(({ name }) => name).join(' | ')} |`,
      `|---|${sets.map(() => '---:').join('|')}|`,
      ...kinds.map((kind) => row(`\`${kind}\``, ({ sizes }) => spread(sizes.get(kind)))),
    ].join('\n'),
    ...steady.map(
      (load) =>
        `At a steady ${count(load.offeredPerSecond)} events/s of Olist offered for ${load.seconds} s ` +
        `(${count(Math.round(load.sentPerSecond))} events/s were answered), from a cold start, sync lag of the critical ` +
        `lane, over ${count(load.writes)} subjects’ writes: p50 ${load.p50 ?? '–'} ms, p99 ${load.p99 ?? '–'} ms ` +
        '(metric `SyncLag`).',
    ),
  ].join('\n\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '–' : (part / whole).toFixed(2);
}

function cost({ decisions, readUnits, largest }: DecisionCost): string {
  return decisions === 0 ? '–' : `${ratio(readUnits, decisions)} (most ${largest}; n ${decisions})`;
}

function spread(bytes: readonly number[] | undefined): string {
  if (bytes === undefined || bytes.length === 0) return '–';
  const [p50, p95, largest] = [50, 95, 100].map((percent) => count(percentile(bytes, percent)));
  return `${count(bytes.length)}: ${p50} / ${p95} / ${largest}`;
}
