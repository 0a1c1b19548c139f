import type { CountedEvents } from './counted-events.ts';
import { shardsOf, type StageResources } from './fixed-cost.ts';
import type { CostLine } from '../../../infra/price-table.ts';

/**
 * What no run on one machine can count. The times are assumptions that nobody has measured in AWS yet: replace them
 * by the durations that Lambda reports.
 */
export const ASSUMED = {
  collectMs: 25,
  foldMs: 40,
  /** For each write beyond the first of a batch: writes overlap, their CPU does not. */
  foldWriteMs: 2,
  countRegionsMs: 30,
  decideMs: 25,
  /** Lambda's own lines and one line of metrics (344 bytes when measured). */
  logBytesAnInvocation: 1_024,
  accessLogBytes: 350,
  decisionReplyBytes: 1_024,
  /** Of the person and of the device in their hand. */
  queriesADecision: 2,
} as const;

const MILLION = 1_000_000;
const GB = 2 ** 30;

/** How a million events come. */
export interface Traffic {
  readonly counted: CountedEvents;
  readonly eventsARequest: number;
}

/** What a million events cost beyond the fixed price of their stage. */
export function costOfEvents(
  { counted, eventsARequest }: Traffic,
  resources: StageResources,
): readonly CostLine[] {
  const { fold, regions } = counted;
  const scale = MILLION / fold.events;
  const requests = MILLION / eventsARequest;
  const invocations = requests + (fold.invocations + regions.invocations) * scale;
  const further = Math.max(0, fold.writes - fold.invocations);
  const foldMs = fold.invocations * ASSUMED.foldMs + further * ASSUMED.foldWriteMs;
  const gbSeconds =
    (requests * ASSUMED.collectMs * memoryGb(resources, 'CollectEvents') +
      foldMs * scale * memoryGb(resources, 'CriticalLaneFold') +
      regions.invocations * scale * ASSUMED.countRegionsMs * memoryGb(resources, 'RegionCounting')) /
    1000;
  return [
    { what: 'API Gateway requests', price: 'httpApiRequest', units: requests },
    { what: 'Lambda invocations', price: 'lambdaRequest', units: invocations },
    { what: 'Lambda time', price: 'lambdaArmGbSecond', units: gbSeconds },
    ...streamLines(fold.recordBytes, scale, resources),
    {
      what: 'DynamoDB writes',
      price: 'writeUnit',
      units: (fold.writeUnits + regions.writeUnits) * scale,
    },
    { what: 'DynamoDB reads', price: 'readUnit', units: (fold.readUnits + regions.readUnits) * scale },
    logs(invocations, requests),
  ];
}

/** What a million decisions cost, each a request of its own. */
export function costOfDecisions({ fold }: CountedEvents, resources: StageResources): readonly CostLine[] {
  const unitsAQuery = fold.queryUnits.reduce((sum, units) => sum + units, 0) / fold.queryUnits.length;
  const gbSeconds = (MILLION * ASSUMED.decideMs * memoryGb(resources, 'DecideCheckout')) / 1000;
  return [
    { what: 'API Gateway requests', price: 'httpApiRequest', units: MILLION },
    { what: 'Lambda invocations', price: 'lambdaRequest', units: MILLION },
    { what: 'Lambda time', price: 'lambdaArmGbSecond', units: gbSeconds },
    { what: 'DynamoDB reads', price: 'readUnit', units: MILLION * ASSUMED.queriesADecision * unitsAQuery },
    logs(MILLION, MILLION),
    {
      what: 'Replies to the internet',
      price: 'transferOutGb',
      units: (MILLION * ASSUMED.decisionReplyBytes) / GB,
    },
  ];
}

function logs(invocations: number, requests: number): CostLine {
  const bytes = invocations * ASSUMED.logBytesAnInvocation + requests * ASSUMED.accessLogBytes;
  return { what: 'Logs and metric lines', price: 'logGb', units: bytes / GB };
}

/** What records cost on their way through the streams of a stage, and the readers that they go out to. */
function streamLines(
  recordBytes: CountedEvents['fold']['recordBytes'],
  scale: number,
  resources: StageResources,
): readonly CostLine[] {
  return (['critical', 'bulk'] as const).flatMap((lane): readonly CostLine[] => {
    const name = `Kinesis, ${lane} lane`;
    const [id, stream] = streamOf(lane, resources);
    const pushes = readersOf(id, 'AWS::Kinesis::StreamConsumer', resources);
    const polls = readersOf(id, 'AWS::Lambda::EventSourceMapping', resources) - pushes;
    const sizes = recordBytes[lane];
    const gb = (sizes.reduce((sum, bytes) => sum + bytes, 0) / GB) * scale;
    if (shardsOf(stream) !== null) {
      const putUnits = sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / 25_000), 0) * scale;
      return [
        { what: name, price: 'putPayloadUnit', units: putUnits },
        ...(pushes > 0 ? [{ what: name, price: 'fanOutGb', units: gb * pushes } as const] : []),
      ];
    }
    const roundedGb = (sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / 1024) * 1024, 0) / GB) * scale;
    const keptMonths = (Number(stream.Properties?.RetentionPeriodHours ?? 24) - 24) / 730;
    return [
      { what: name, price: 'onDemandInGb', units: roundedGb },
      { what: name, price: 'onDemandOutGb', units: gb * polls },
      { what: name, price: 'onDemandFanOutGb', units: gb * pushes },
      { what: name, price: 'onDemandRetentionGbMonth', units: gb * Math.max(0, keptMonths) },
    ];
  });
}

function streamOf(lane: 'critical' | 'bulk', resources: StageResources) {
  const prefix = lane === 'critical' ? 'Critical' : 'Bulk';
  const found = [...resources].find(
    ([id, { Type }]) => Type === 'AWS::Kinesis::Stream' && id.startsWith(prefix),
  );
  if (found === undefined) throw new Error(`there is no stream of the ${lane} lane`);
  return found;
}

/** A mapping that is pushed to names its consumer, and the consumer names the stream. */
function readersOf(streamId: string, type: string, resources: StageResources): number {
  const consumers = [...resources]
    .filter(([, { Type, Properties }]) => isAbout(Type, Properties?.StreamARN, streamId))
    .map(([id]) => id);
  return [...resources.values()].filter(({ Type, Properties = {} }) => {
    const source = JSON.stringify(Properties.EventSourceArn ?? Properties.StreamARN ?? null);
    return Type === type && [streamId, ...consumers].some((id) => source.includes(id));
  }).length;
}

function isAbout(type: string, arn: unknown, streamId: string): boolean {
  return type === 'AWS::Kinesis::StreamConsumer' && JSON.stringify(arn).includes(streamId);
}

/** Memory of the one function whose logical id begins so. */
function memoryGb(resources: StageResources, prefix: string): number {
  const [found, ...others] = [...resources].filter(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(prefix),
  );
  if (found === undefined || others.length > 0) throw new Error(`not exactly one function ${prefix}…`);
  return Number(found[1].Properties?.MemorySize) / 1024;
}
