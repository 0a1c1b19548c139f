import { timedRequests } from '../../../shared/adapters/aws/timed-requests.ts';
import { kinesisClient } from '../../../shared/adapters/kinesis/kinesis-client.ts';
import { kinesisEventLogReader } from '../../../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { kinesisEventLog } from '../../../shared/adapters/kinesis/kinesis-event-log.ts';
import { manualPauses } from '../../../shared/adapters/memory/manual-pauses.ts';
import { realPauses } from '../../../shared/adapters/backoff.ts';
import type { StreamEvent } from '../../../shared/domain/stream-event.ts';
import { kinesaliteStreams } from '../../contract/kinesalite-streams.ts';
import { seededRandom } from '../../bench/ranking/seeded-random.ts';
import { memoryStage } from '../../memory-stage.ts';
import type { Row } from '../row.ts';
import { shopEvents } from '../shop-events.ts';
import { wireProxy, type WireOdds } from '../wire-proxy.ts';

const REQUEST_TIMEOUT_MS = 150;
const EVENTS_A_RUN = 400;
const EVENTS_A_REQUEST = 40;
/** Tries of a client at one request, after which it gives it up. */
const MAX_TRIES = 4;
const CRASHES = 0.1;
/** So often that now and then a whole request fails. */
const ODDS: WireOdds = {
  slow: 0.1,
  refused: 0.05,
  reset: 0.05,
  lost: 0.1,
  truncated: 0.05,
  fault: 0.05,
  'turned away': 0.1,
  throttled: 0.1,
  partial: 0.3,
  hung: 0.01,
};

export const wireCollector: Row = {
  name: 'collector, on the wire',
  input:
    'Kinesis’ protocol behind the proxy: partial PutRecords failures, throttles, lost replies; the collector crashes before it answers; clients that give up',
  holds: 'acknowledged but not in a stream: 0',
  runs: { short: 2, long: 250 },
  async open() {
    const kinesis = await kinesaliteStreams();
    const proxy = await wireProxy(kinesis.endpoint);
    const client = kinesisClient({
      endpoint: proxy.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: timedRequests({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxSockets: 32 }),
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
        const log = kinesisEventLog({ client, streams, pauses: manualPauses() });
        stage.eventLog.append = (lane, entries) => log.append(lane, entries, { timeoutMs: 1_500 });

        const before = proxy.inTrouble();
        proxy.plan(random, ODDS);
        const events = shopEvents(random, { events: EVENTS_A_RUN }) as readonly {
          readonly messageId: string;
        }[];
        const acknowledged = new Set<string>();
        const counts = { requests: 0, 'events acknowledged': 0, 'turned back': 0, crashes: 0 };
        for (let at = 0; at < events.length; at += EVENTS_A_REQUEST) {
          const batch = events.slice(at, at + EVENTS_A_REQUEST);
          for (let tries = 0; tries < MAX_TRIES; tries++) {
            counts.requests += 1;
            const { status } = await stage.collect('batch', { batch });
            if (random() < CRASHES) {
              counts.crashes += 1;
              continue;
            }
            if (status !== 200) {
              counts['turned back'] += 1;
              continue;
            }
            for (const { messageId } of batch) acknowledged.add(messageId);
            break;
          }
        }
        proxy.plan(random, {});

        const reader = kinesisEventLogReader({ client: kinesis.client, streams, pauses: instantly });
        const kept = new Set<string>();
        for (const lane of ['critical', 'bulk'] as const)
          for await (const { data } of reader.read(lane))
            kept.add((JSON.parse(data) as StreamEvent).message.messageId);
        counts['events acknowledged'] = acknowledged.size;
        return {
          counts: { ...counts, 'calls in trouble': proxy.inTrouble() - before },
          violations: [...acknowledged].filter((id) => !kept.has(id)).map((id) => `${id} is lost`),
        };
      },
    };
  },
};
