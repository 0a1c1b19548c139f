import type { KinesisClient, PutRecordsCommand, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { kinesisClient } from '../../../shared/adapters/kinesis/kinesis-client.ts';
import { kinesisEventLogReader } from '../../../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { kinesisEventLog, type StreamNames } from '../../../shared/adapters/kinesis/kinesis-event-log.ts';
import { manualPauses } from '../../../shared/adapters/memory/manual-pauses.ts';
import { realPauses } from '../../../shared/adapters/backoff.ts';
import type { Lane, StreamEvent } from '../../../shared/domain/stream-event.ts';
import type { EventLog } from '../../../shared/ports/event-log.ts';
import { kinesaliteStreams } from '../../contract/kinesalite-streams.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { memoryStage } from '../../memory-stage.ts';
import { fatedRequests } from '../fated-requests.ts';
import type { Invocation } from '../invocation.ts';
import type { OpenRow, Row } from '../row.ts';
import { LANES } from '../schedule.ts';
import { shopEvents } from '../shop-events.ts';
import { wireInvocations } from '../wire-invocation.ts';
import { wireProxy, type WireOdds } from '../wire-proxy.ts';

const EVENTS_A_RUN = 400;
const EVENTS_A_REQUEST = 40;
/** Tries of a client at one request, after which it gives it up. */
const MAX_TRIES = 4;
/** So often that now and then a whole request fails. */
const ODDS: WireOdds = {
  slow: 0.1,
  refused: 0.05,
  closed: 0.025,
  reset: 0.025,
  lost: 0.1,
  late: 0.02,
  truncated: 0.05,
  fault: 0.05,
  'turned away': 0.1,
  throttled: 0.1,
  partial: 0.3,
  hung: 0.01,
};
/** Less than shipped: pauses take no time here, and a request that meets too much trouble is to be turned back. */
const APPEND_TIMEOUT_MS = 1_500;

export const wireCollector: Row = {
  name: 'collector, on the wire',
  input:
    'Kinesis’ protocol behind the proxy: partial PutRecords failures, throttles, lost and late replies; the collector ends before or after any of its calls, also between one lane and the other; clients that give up',
  holds: 'acknowledged but not in a stream: 0',
  runs: { short: 2, long: 250 },
  open: () => openWireCollector(),
};

/** @param change what is tried of the log; default: what ships */
export async function openWireCollector(
  change: (log: EventLog) => EventLog = (log) => log,
): Promise<OpenRow> {
  const kinesis = await kinesaliteStreams();
  const proxy = await wireProxy(kinesis.server);
  const requests = fatedRequests(proxy);
  const client = kinesisClient({
    endpoint: proxy.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: requests.requestHandler,
  });
  const instantly = { ...realPauses, sleep: () => Promise.resolve() };
  return {
    async close() {
      client.destroy();
      await proxy.close();
      await kinesis.close();
    },
    async run(seed) {
      const random = seededRandom(seed);
      const streams = { critical: await kinesis.createStream(2), bulk: await kinesis.createStream(2) };
      const stage = memoryStage();
      const before = requests.inTrouble();
      requests.plan(seed, ODDS);
      const startInvocation = wireInvocations(seed);
      const events = shopEvents(random, { events: EVENTS_A_RUN }) as readonly {
        readonly messageId: string;
      }[];
      const acknowledged = new Set<string>();
      const counts = {
        requests: 0,
        'events acknowledged': 0,
        'turned back': 0,
        crashes: 0,
        'crashes with one lane appended': 0,
      };
      for (let at = 0; at < events.length; at += EVENTS_A_REQUEST) {
        const batch = events.slice(at, at + EVENTS_A_REQUEST);
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          counts.requests += 1;
          const name = `request ${at} ${tries}`;
          const invocation = startInvocation(name);
          const log = change(
            kinesisEventLog({
              client: endingClient(client, invocation, name, streams),
              streams,
              pauses: manualPauses(),
            }),
          );
          const appended = new Set<Lane>();
          stage.eventLog.append = async (lane, entries) => {
            await log.append(lane, entries, { timeoutMs: APPEND_TIMEOUT_MS });
            if (entries.length > 0) appended.add(lane);
          };
          const reply = await invocation.outcome(stage.collect('batch', { batch }));
          if (reply === undefined) {
            counts.crashes += 1;
            if (appended.size === 1) counts['crashes with one lane appended'] += 1;
            continue;
          }
          if (reply.status !== 200) {
            counts['turned back'] += 1;
            continue;
          }
          for (const { messageId } of batch) acknowledged.add(messageId);
          break;
        }
      }
      requests.clearUp();
      await proxy.settle();

      const reader = kinesisEventLogReader({ client: kinesis.client, streams, pauses: instantly });
      const kept = new Set<string>();
      for (const lane of LANES)
        for await (const { data } of reader.read(lane))
          kept.add((JSON.parse(data) as StreamEvent).message.messageId);
      counts['events acknowledged'] = acknowledged.size;
      return {
        counts: { ...counts, 'calls in trouble': requests.inTrouble() - before },
        violations: [...acknowledged].filter((id) => !kept.has(id)).map((id) => `${id} is lost`),
      };
    },
  };
}

/** A client at each of whose calls its invocation may end. */
function endingClient(
  client: KinesisClient,
  { call }: Invocation,
  request: string,
  streams: StreamNames,
): KinesisClient {
  const send = (command: PutRecordsCommand): Promise<PutRecordsCommandOutput> => {
    const lane = command.input.StreamName === streams.critical ? 'critical' : 'bulk';
    return call(
      `${request} ${lane}`,
      () => client.send(command),
      () => new Error('told to fail'),
    );
  };
  return Object.assign(Object.create(client) as KinesisClient, { send });
}
