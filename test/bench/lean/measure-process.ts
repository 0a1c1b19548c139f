/**
 * A process that runs both designs in turns, request by request in blocks, and sends what it measured. Its output, where
 * the functions write their metrics, is nobody's.
 */
import { cpuUs, type SdkTime } from './sdk-time.ts';

export interface MeasureTask {
  readonly cartwright: string;
  readonly conventional: string;
  readonly events: readonly object[];
  readonly rounds: number;
  /** Rounds before those, in which code becomes warm. */
  readonly warmUp: number;
  /** Requests of each design in a block; in a round, blocks take turns over all events. */
  readonly block: number;
}

/** One design in one round. */
export interface MeasuredRound {
  /** ms of each request */
  readonly latencies: readonly number[];
  /** µs a request, of the process */
  readonly cpu: number;
  /** Of it, what was spent within calls of the SDK; 0 where its clients are not timed. */
  readonly sdkCpu: number;
}

export interface Measured {
  readonly cartwright: readonly MeasuredRound[];
  readonly conventional: readonly MeasuredRound[];
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}
type Handler = (event: object, context: object) => Promise<Answer>;

const CONTEXT = {
  functionName: 'lean',
  memoryLimitInMB: '1024',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:lean',
  awsRequestId: 'lean-request',
  getRemainingTimeInMillis: () => 10_000,
};

const DESIGNS = ['cartwright', 'conventional'] as const;

process.once('message', (task: MeasureTask) => {
  measure(task).then(
    (measured) => process.send?.(measured, () => process.disconnect()),
    (error: unknown) =>
      process.send?.({ failed: String((error as Error).stack) }, () => process.disconnect()),
  );
});

async function measure({ events, rounds, warmUp, block, ...paths }: MeasureTask): Promise<Measured> {
  const load = async (path: string): Promise<Handler> =>
    ((await import(path)) as { readonly handler: Handler }).handler;
  const handlers = { cartwright: await load(paths.cartwright), conventional: await load(paths.conventional) };
  await compare(handlers, events);
  const measured: Record<(typeof DESIGNS)[number], MeasuredRound[]> = { cartwright: [], conventional: [] };
  for (let round = 0; round < warmUp + rounds; round++) {
    const latencies = { cartwright: [] as number[], conventional: [] as number[] };
    const spent = { cartwright: { cpu: 0, sdk: 0 }, conventional: { cpu: 0, sdk: 0 } };
    for (let from = 0; from < events.length; from += block) {
      const turn = (round + from / block) % 2 === 0 ? DESIGNS : [...DESIGNS].reverse();
      for (const design of turn) {
        const sdk = sdkTime();
        const [cpuBefore, sdkBefore] = [cpuUs(), sdk.cpuUs];
        for (const event of events.slice(from, from + block)) {
          const startedAt = performance.now();
          await handlers[design](event, CONTEXT);
          latencies[design].push(performance.now() - startedAt);
        }
        spent[design].cpu += cpuUs() - cpuBefore;
        spent[design].sdk += sdk.cpuUs - sdkBefore;
      }
    }
    for (const design of DESIGNS)
      measured[design].push({
        latencies: latencies[design],
        cpu: spent[design].cpu / events.length,
        sdkCpu: spent[design].sdk / events.length,
      });
  }
  return {
    cartwright: measured.cartwright.slice(warmUp),
    conventional: measured.conventional.slice(warmUp),
  };
}

function sdkTime(): SdkTime {
  return ((globalThis as { sdkTime?: SdkTime }).sdkTime ??= { cpuUs: 0 });
}

interface Decided {
  readonly profile: { readonly segments: readonly string[]; readonly journeyStage: string | null };
  readonly slots: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly options: readonly unknown[];
        readonly guardrails: readonly string[];
      }
    >
  >;
}

/** @throws Error where the designs answer one request differently */
async function compare(
  handlers: Readonly<Record<(typeof DESIGNS)[number], Handler>>,
  events: readonly object[],
): Promise<void> {
  for (const event of events) {
    const [ours, theirs] = await Promise.all(
      DESIGNS.map(async (design) => {
        const answer = await handlers[design](event, CONTEXT);
        if (answer.statusCode !== 200)
          throw new Error(`${design} answered ${answer.statusCode}: ${answer.body}`);
        const { profile, slots } = JSON.parse(answer.body) as Decided;
        return JSON.stringify({
          segments: [...profile.segments].sort(),
          stage: profile.journeyStage,
          slots: Object.entries(slots).map(([slot, { source, options, guardrails }]) => [
            slot,
            source,
            options,
            guardrails,
          ]),
        });
      }),
    );
    if (ours !== theirs)
      throw new Error(`the designs differ:\n${ours}\n${theirs}\nof ${JSON.stringify(event)}`);
  }
}
