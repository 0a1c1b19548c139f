import {
  memoryProfileStore,
  type MemoryProfileStore,
} from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memoryQuarantine } from '../../../shared/adapters/memory/memory-quarantine.ts';
import type { BatchRecord } from '../../../functions/fold-profiles/batch-record.ts';
import type { Lane } from '../../../shared/domain/stream-event.ts';
import { recordsOf } from '../../bench/fold-in-memory.ts';
import { seededRandom, type Random } from '../../bench/ranking/seeded-random.ts';
import { realEvents } from '../../bench/real-events.ts';
import { NOW } from '../../memory-stage.ts';
import { startInvocation } from '../invocation.ts';
import { differences, facetStates, modelFacets } from '../model-fold.ts';
import type { Row, Trial } from '../row.ts';
import { deliverQuietly } from '../quiet-stream.ts';
import { streamModel } from '../stream-model.ts';
import { SHIPPED, troubledPorts, type FoldUnderTest } from '../subject-under-test.ts';
import { seededTurns } from '../turns.ts';
import type { Weather } from '../weather.ts';

const LINES_A_RUN = 2_000;
/** A message comes again within so many of all events, which no ring of its subject can have forgotten. */
const WINDOW = 20;
const DUPLICATED = 0.2;
const LOST = 0.3;
export const realEventsRow: Row = {
  name: 'real events',
  input: '100k real events, 20 % duplicated within the window, 30 % of store replies dropped after apply',
  holds: 'facets ≠ model fold: 0',
  aim: { atLeast: 100_000, of: 'events' },
  runs: { short: 1, long: 50 },
  open() {
    const files = realEvents();
    return Promise.resolve({
      close: () => Promise.resolve(),
      async run(seed: number): Promise<Trial> {
        const { lines } = files[seed % files.length]!;
        const random = seededRandom(seed);
        const from = Math.floor(random() * Math.max(1, lines.length - LINES_A_RUN));
        const sent = withDuplicates(lines.slice(from, from + LINES_A_RUN), random);
        const { lanes } = await recordsOf(sent);
        const store = memoryProfileStore();
        const counts = { events: 0, invocations: 0, 'replies lost': 0 };
        for (const lane of ['critical', 'bulk'] as const) {
          const done = await foldLosingReplies(lane, lanes[lane], store, random);
          counts.events += lanes[lane].length;
          counts.invocations += done.invocations;
          counts['replies lost'] += done.lost;
        }
        const wanted = modelFacets(lanes);
        const found = facetStates(store.items());
        return { counts: { ...counts, facets: wanted.size }, violations: differences(wanted, found) };
      },
    });
  },
};

function withDuplicates(lines: readonly string[], random: Random): readonly string[] {
  const again = new Map<number, string[]>();
  const sent: string[] = [];
  for (const [index, line] of lines.entries()) {
    sent.push(line, ...(again.get(index) ?? []));
    if (random() >= DUPLICATED) continue;
    const at = index + 1 + Math.floor(random() * WINDOW);
    again.set(at, [...(again.get(at) ?? []), line]);
  }
  return sent;
}

async function foldLosingReplies(
  lane: Lane,
  records: readonly BatchRecord[],
  store: MemoryProfileStore,
  random: Random,
): Promise<{ readonly invocations: number; readonly lost: number }> {
  const stream = streamModel(`real-${lane}`, random, 2);
  for (const { partitionKey, data } of records) stream.put(partitionKey, data, NOW);
  const quarantine = memoryQuarantine();
  const turns = seededTurns(random);
  let lost = 0;
  const weather: Weather = {
    next: () => (random() < LOST ? (lost++, 'lost') : 'well'),
    lateness: () => 1,
    timeChecks: () => Number.POSITIVE_INFINITY,
  };
  const fold: FoldUnderTest = (batch) =>
    SHIPPED({ ...batch, ...troubledPorts(store, quarantine, startInvocation(turns, weather, [])) });
  const delivered = deliverQuietly({ lane, stream, store, quarantine, random, fold });
  await turns.giveUntil([delivered]);
  const invocations = await delivered;
  if (quarantine.entries().length > 0) throw new Error('a real event is in quarantine');
  return { invocations, lost };
}
