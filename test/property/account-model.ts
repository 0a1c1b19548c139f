import { UNLINK_EVENT } from '../../shared/domain/events.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { parseStreamRecord } from '../../shared/protocol/stream-record.ts';
import { shelf } from '../events.ts';
import type { MemoryEventLog } from '../../shared/adapters/memory/memory-event-log.ts';
import { keyOf } from '../memory-stage.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { shownAt } from '../segments.ts';

/** Where the records are that an account is made of. */
export interface Streams {
  readonly eventLog: Pick<MemoryEventLog, 'records'>;
  readonly clock: Clock;
}

const parsed = new Map<unknown, StreamEvent>();
/** What the streams hold, which is all there is to know. */
export const eventsOf = ({ eventLog }: Streams, lane: Lane): readonly StreamEvent[] =>
  eventLog.records(lane).map(({ data, partitionKey }) => {
    const known = parsed.get(data);
    if (known !== undefined) return known;
    const result = parseStreamRecord(Buffer.from(data), partitionKey);
    if (!result.ok) throw new Error(result.rejection.message);
    parsed.set(data, result.value);
    return result.value;
  });

/** The devices that count for a user: nobody else was ever proven on them, and the last word on them is a visit. */
function devicesOf(stage: Streams, userKey: string): ReadonlySet<string> {
  const visits = new Map<string, number>();
  const partings = new Map<string, number>();
  const others = new Set<string>();
  for (const { keys, subject, message, at } of eventsOf(stage, 'critical')) {
    if (subject.kind !== 'user' || keys.device === undefined) continue;
    const isParting = message.event === UNLINK_EVENT;
    if (subject.key !== userKey) {
      if (!isParting) others.add(keys.device);
      continue;
    }
    const times = isParting ? partings : visits;
    times.set(keys.device, Math.max(times.get(keys.device) ?? 0, at));
  }
  return new Set(
    [...visits].flatMap(([key, at]) => (at > (partings.get(key) ?? 0) && !others.has(key) ? [key] : [])),
  );
}

/** What is shown of an account, but for what it hangs on: how fresh it is, and which links there are. */
export interface AccountFacts {
  readonly checkout: { readonly payment: Readonly<Record<string, { readonly uses: number }>> };
}

/** The account as it should be read: one fold over the user's own events and those of the devices that count. */
export function modelOf(stage: Streams, userId: string, more?: { readonly asking: string }): AccountFacts {
  const userKey = keyOf(`u:${userId}`);
  const subjects = new Set([userKey, ...devicesOf(stage, userKey)]);
  if (more !== undefined && isNobodyElses(stage, more.asking, userKey)) subjects.add(more.asking);
  const account = shelf(userKey);
  for (const lane of ['critical', 'bulk'] as const)
    account.fold(
      eventsOf(stage, lane).filter(({ subject }) => subjects.has(subject.key)),
      { lane },
    );
  return factsOf(shownAt(stage.clock.now(), `u:${userId}`, account.profile()));
}

function isNobodyElses(stage: Streams, deviceKey: string, userKey: string): boolean {
  return eventsOf(stage, 'critical').every(
    ({ keys, subject, message }) =>
      subject.kind !== 'user' ||
      keys.device !== deviceKey ||
      subject.key === userKey ||
      message.event === UNLINK_EVENT,
  );
}

export function factsOf(shown: unknown): AccountFacts {
  const {
    asOf: _asOf,
    lagMs: _lagMs,
    partial: _partial,
    links: _links,
    ...facts
  } = shown as AccountFacts & {
    readonly [key: string]: unknown;
  };
  return facts;
}
