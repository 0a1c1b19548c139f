import type { ErasedKind } from '../../shared/domain/erasure.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { effectiveTime } from '../../shared/domain/time.ts';
import type { LogRecord } from '../../shared/ports/event-log.ts';
import { draw, seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { NOW } from '../memory-stage.ts';
import { manyOrders } from './many-orders.ts';
import { LIVING, ROAMING, someRecords, type ShopRecords } from './shop-events.ts';

/** Somebody is asked to be erased, or is erased again as of when they were, as after a restore. */
export interface ErasingStep {
  readonly does: 'ask' | 'reapply';
  /** `u:<userId>` or `a:<anonymousId>` */
  readonly subject: string;
  readonly kind: ErasedKind;
  /** ms; when that is */
  readonly at: number;
}

/** Who did what, when it came in, and who is erased meanwhile. */
export interface ErasingStory {
  readonly records: ShopRecords;
  /** What lies in the records, without what is none. */
  readonly events: Readonly<Record<Lane, readonly StreamEvent[]>>;
  /** Of each list one after the other. */
  readonly erasings: readonly (readonly ErasingStep[])[];
  /** The most that come at once: few make long stories, in which much happens beside an erasing. */
  readonly batchSize: number;
  /** So many batches are folded at a time. */
  readonly crowd: number;
  /** ms; what came from then on came when all erasings were done. */
  readonly backFrom: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Cast {
  readonly users: readonly string[];
  readonly devices: readonly string[];
}
const SHARING: Cast = { users: ['ann', 'bob', 'eve'], devices: ['phone', 'kiosk', 'laptop', 'tablet'] };
const ALONE: Cast = { users: ['ann'], devices: ['phone', 'kiosk', 'laptop'] };
/** More devices than an account reads: of some there are copies, once they were silent for long. */
const COLLECTING: Cast = {
  users: ['ann'],
  devices: ['phone', 'kiosk', 'laptop', 'tablet', 'watch', 'desktop', 'television'],
};
/** Draws of the first come more often. */
const CASTS: readonly Cast[] = [SHARING, ALONE, ALONE, COLLECTING];

/** Whose orders are more than an item holds; in most stories nobody's. */
const BUYERS = [{ userId: 'ann' }, { anonymousId: 'phone' }, ...Array.from({ length: 6 }, () => undefined)];

/** Points of a story, of which 0 is the beginning and 1 the end: others may come, all come back. */
const LATE = 0.5;
const SOON_AFTER = 0.6;
const BACK = 0.8;

/**
 * A story out of a seed. A cast lives on its devices, in some stories alone on them until late, in some with more orders than an item
 * holds; in the middle of it one or two of them are erased, once or again and again; and in most, all come back an hour later.
 */
export async function erasingStory(seed: number): Promise<ErasingStory> {
  const random = seededRandom(seed);
  const cast = oneOf(random, CASTS);
  const buyer = oneOf(random, BUYERS);
  const arrivals = arrivalTimes(random, cast === COLLECTING);
  const told = tellTimes(random, mixed(random, await partsOf(seed, random, cast, buyer)), arrivals);
  return {
    records: {
      critical: told.critical.map(({ record }) => record),
      bulk: told.bulk.map(({ record }) => record),
    },
    events: {
      critical: told.critical.flatMap(({ event }) => event ?? []),
      bulk: told.bulk.flatMap(({ event }) => event ?? []),
    },
    erasings: someErasings(random, cast, buyer, arrivals),
    batchSize: oneOf(random, buyer === undefined ? [2, 6, 20] : [6, 12, 40]),
    crowd: buyer === undefined ? oneOf(random, [1, 2, 4]) : 1,
    backFrom: arrivals.backFrom,
  };
}

async function partsOf(
  seed: number,
  random: Random,
  cast: Cast,
  buyer: (typeof BUYERS)[number],
): Promise<readonly Part[]> {
  const isLong = cast === COLLECTING;
  const shop = async (of: Cast, least: number): Promise<ShopRecords> => {
    const events = least + Math.floor(random() * 20);
    return someRecords(seed, random, { ...of, events, mix: isLong ? ROAMING : LIVING, isSteady: true });
  };
  const first = await shop(cast, isLong ? 40 : 4);
  // So that most devices are known when a long pause comes.
  const parts: Part[] = [{ name: 'first', from: 0, to: isLong ? SOON_AFTER : BACK, records: first }];
  if (buyer !== undefined)
    parts.push({ name: 'orders', from: 0, to: SOON_AFTER, records: await manyOrders(random, buyer) });
  if (random() < 0.7) {
    const records = await shop(isLong || random() < 0.5 ? SHARING : cast, 4);
    parts.push({ name: 'back', from: LATE, to: 1, records });
  }
  return parts;
}

function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

/** Records that come between two points of a story. */
interface Part {
  /** Tells its messages from those of another part. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly records: ShopRecords;
}

interface Placed {
  readonly part: string;
  readonly record: LogRecord;
  readonly point: number;
}

/** All parts shuffled into each other, each in its own order. */
function mixed(random: Random, parts: readonly Part[]): Readonly<Record<Lane, readonly Placed[]>> {
  const lane = (of: Lane): readonly Placed[] =>
    parts
      .flatMap(({ name, from, to, records }) => {
        const points = records[of].map(() => from + random() * (to - from)).sort((a, b) => a - b);
        return records[of].map((record, index) => ({ part: name, record, point: points[index] ?? to }));
      })
      .sort((one, other) => one.point - other.point);
  return { critical: lane('critical'), bulk: lane('bulk') };
}

interface ArrivalTimes {
  /** ms; when it is some point of the story */
  at(point: number): number;
  readonly backFrom: number;
  /** How long it all takes, but for pauses. */
  readonly spanMs: number;
}

/** Everything happens within some milliseconds, so that times are the same, or within hours; in some stories days pass in between. */
function arrivalTimes(random: Random, isLong: boolean): ArrivalTimes {
  const spanMs = oneOf(random, [12, 60, 4_000, HOUR_MS]);
  const pauseAt = isLong ? LATE : 2;
  const at = (point: number): number =>
    NOW +
    Math.floor(Math.min(point, BACK) * spanMs) +
    (point > pauseAt ? 3 * DAY_MS : 0) +
    (point >= BACK ? HOUR_MS + Math.floor((point - BACK) * spanMs) : 0);
  return { at, backFrom: at(BACK), spanMs };
}

function wholeIn(at: number, grainMs: number): number {
  return at - (at % grainMs);
}

const WHEN: ReadonlyMap<string, number> = new Map([
  ['just now', 0.4],
  ['lately', 0.2],
  ['long ago', 0.37],
  ['at the epoch', 0.03],
]);

interface Told {
  readonly record: LogRecord;
  /** Absent: it is no event. */
  readonly event?: StreamEvent;
}

/** When everything came, and when it happened: just then, long before, or at the epoch. A message that is sent twice happened once. */
function tellTimes(
  random: Random,
  records: Readonly<Record<Lane, readonly Placed[]>>,
  arrivals: ArrivalTimes,
): Readonly<Record<Lane, readonly Told[]>> {
  // Some senders tell whole seconds, so that much happens at one time; long ago it was one of a few days.
  const secondMs = oneOf(random, [1, 1, 1_000]);
  const dayMs = oneOf(random, [1, 100 * DAY_MS, 400 * DAY_MS]);
  const times = new Map<string, number>();
  const drawTimestamp = (drawnAt: number, receivedAt: number): number => {
    switch (draw(WHEN, random)) {
      case 'just now':
        return wholeIn(receivedAt - Math.floor(random() * 3), secondMs);
      case 'lately':
        return wholeIn(receivedAt - Math.floor(random() * arrivals.spanMs), secondMs);
      case 'long ago':
        return wholeIn(drawnAt, dayMs);
      default:
        return 0;
    }
  };
  const happened = (messageId: string, drawnAt: number, receivedAt: number): number => {
    const known = times.get(messageId);
    if (known !== undefined) return known;
    const timestamp = drawTimestamp(drawnAt, receivedAt);
    const at = effectiveTime({ timestamp }, receivedAt);
    times.set(messageId, at);
    return at;
  };
  const tell = ({ part, record, point }: Placed): Told => {
    const receivedAt = arrivals.at(point);
    const { sequence, incarnation, shardId, partitionKey } = record;
    const place = { sequence, incarnation, shardId, partitionKey, arrivedAt: receivedAt };
    if (record.data.includes('"no":')) return { record: { ...place, data: record.data } };
    const drawn = JSON.parse(record.data) as StreamEvent;
    const messageId = `${part} ${drawn.message.messageId}`;
    const event: StreamEvent = {
      ...drawn,
      at: happened(messageId, drawn.at, receivedAt),
      receivedAt,
      message: { ...drawn.message, messageId },
    };
    return { record: { ...place, data: JSON.stringify(event) }, event };
  };
  return { critical: records.critical.map(tell), bulk: records.bulk.map(tell) };
}

function someErasings(
  random: Random,
  cast: Cast,
  buyer: (typeof BUYERS)[number],
  arrivals: ArrivalTimes,
): ErasingStory['erasings'] {
  const someUser = (): string => `u:${oneOf(random, cast.users)}`;
  const someDevice = (): string => `a:${oneOf(random, cast.devices)}`;
  const likely = ((): string => {
    if (buyer !== undefined && random() < 0.8) return 'userId' in buyer ? 'u:ann' : 'a:phone';
    // Whoever has many devices keeps them for a while, so that there are copies.
    return random() < (cast === COLLECTING ? 0.2 : 0.7) ? someUser() : someDevice();
  })();
  const second = random() < 0.25 ? [random() < 0.5 ? someUser() : someDevice()] : [];
  return [...new Set([likely, ...second])].map((subject) => {
    const kind = subject.startsWith('u:') ? 'user' : 'device';
    const times = Math.max(1, Math.floor(random() * 5) - 1);
    // Whoever has many orders is erased while the last of them come.
    const [from, to] = buyer === undefined ? [0, BACK] : [LATE, SOON_AFTER];
    const points = Array.from({ length: times }, () => from + random() * (to - from));
    return points
      .sort((one, other) => one - other)
      .map((point, index): ErasingStep => ({
        does: index === 0 || random() < 0.5 ? 'ask' : 'reapply',
        subject,
        kind,
        at: arrivals.at(point),
      }));
  });
}
