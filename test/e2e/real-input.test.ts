import { foldInMemory, type MemoryFold } from '../bench/fold-in-memory.ts';
import { measureReplay, percentile, type MeasuredReplay } from '../bench/measured-replay.ts';
import { realEvents } from '../bench/real-events.ts';

/** Enough of each file for full batches; counts of full batches are the same on every machine. */
const FOLDED_EVENTS = 10_000;
const REPLAYED_EVENTS = 500;

const files = new Map(realEvents().map(({ name, lines }) => [name, lines]));
const [first = []] = files.values();

/**
 * Writes an event. Each checkout of Olist is a new device, hence two links; an order of UCI stands alone in its batch
 * and is written to two facets, which must still be fewer writes than a naive design's two an event.
 */
const GATES = { Olist: 1.2, Taobao: 0.4, UCI: 1.99, 'UCI, excerpt': 1 } as const;

describe.each([...files])('what %s costs in full batches', (name, lines) => {
  let fold: MemoryFold;
  beforeAll(async () => {
    fold = await foldInMemory(lines.slice(0, FOLDED_EVENTS));
  });
  const bytes = (facet: string, percent: number): number => percentile(fold.sizes.get(facet) ?? [0], percent);

  test('writes an event stay within the gate', () => {
    expect(fold.writes / fold.events).toBeLessThanOrEqual(GATES[name]);
  });

  test('a checkout facet has at most 1 KB at p50 and 2 KB at p95, a browse facet 2 KB at p95', () => {
    expect(bytes('checkout', 50)).toBeLessThanOrEqual(1024);
    expect(bytes('checkout', 95)).toBeLessThanOrEqual(2048);
    expect(bytes('browse', 95)).toBeLessThanOrEqual(2048);
  });
});

describe('real events in an empty local run, counted at the door of the table', () => {
  let replay: MeasuredReplay;
  beforeAll(async () => {
    replay = await measureReplay(first.slice(0, REPLAYED_EVENTS), { naiveEvents: 300, decisions: 20 });
  }, 240_000);

  test('every event is accounted for: gap 0, and what was rejected is in quarantine', () => {
    const { account, sent, rejectedKept } = replay;
    expect(sent.accepted + sent.rejected).toBe(REPLAYED_EVENTS);
    expect(account).toMatchObject({ gap: 0, applied: sent.accepted });
    expect(rejectedKept).toBe(sent.rejected);
  });

  test('each facet is read once and written once a batch, and none of it in vain', () => {
    const { folding, naive } = replay;
    expect(folding.refused).toBe(0);
    expect(folding.readUnits).toBeLessThanOrEqual(folding.writes + 1);
    expect(folding.writes / replay.sent.accepted).toBeLessThan(naive.writing.writes / naive.events);
  });

  test('an ordinary decision reads half a unit, where the naive design reads three', () => {
    const { device, account } = replay.decisions;
    const ordinary = [device, account].filter(({ decisions }) => decisions > 0);
    expect(ordinary.length).toBeGreaterThan(0);
    for (const { median } of ordinary) expect(median).toBe(0.5);
    expect(replay.naive.deciding.readUnits / replay.naive.decisions).toBe(3);
  });
});
