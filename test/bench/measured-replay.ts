import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { reconcile } from '../../local/reconcile.ts';
import { sendEvents, type SentEvents } from '../../local/send-events.ts';
import type { StackNames } from '../../local/stack-names.ts';
import { s3Client } from '../../shared/adapters/s3/s3-client.ts';
import { s3QuarantineReader } from '../../shared/adapters/s3/s3-quarantine-reader.ts';
import type { Account } from '../../shared/domain/reconcile.ts';
import { BROWSER, SERVER, startLocalStack, type LocalStack } from '../e2e/local-stack.ts';
import { startCountedDynalite, type CountedDynalite } from './counted-dynalite.ts';
import { NO_COUNTS, type TableCounts } from './counted-requests.ts';
import { kindOf } from './fold-in-memory.ts';
import { everyNth, NAIVE_PROFILES, NAIVE_SEEN, runNaiveDesign, type NaiveRun } from './naive-design.ts';
import { watchMemory } from './process-tree.ts';

/** What deciding for one kind of caller cost. */
export interface DecisionCost {
  readonly decisions: number;
  readonly readUnits: number;
  readonly median: number;
  readonly largest: number;
}

export interface MeasuredReplay {
  readonly sent: SentEvents;
  readonly account: Account;
  /** Rejected events that quarantine holds. */
  readonly rejectedKept: number;
  /** From the first request until the event sources have nothing left to do. */
  readonly seconds: number;
  readonly peakBytes: number;
  readonly folding: TableCounts;
  /** Bytes of each item, by its kind (`link#…` and `orders#…` are one each). */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
  readonly decisions: Readonly<Record<CallerKind, DecisionCost>>;
  readonly naive: NaiveRun & { readonly writing: TableCounts; readonly deciding: TableCounts };
}

/** `account`: a user without a device; `linked account`: one with. */
export type CallerKind = 'device' | 'account' | 'linked account';

export interface ReplayLimits {
  readonly naiveEvents: number;
  readonly decisions: number;
}

/** The local run over a dynalite that counts, both empty. */
export async function startCountedStack(): Promise<{
  readonly stack: LocalStack;
  readonly dynalite: CountedDynalite;
  end(): Promise<void>;
}> {
  const dynalite = await startCountedDynalite();
  try {
    const stack = await startLocalStack({ AWS_ENDPOINT_URL_DYNAMODB: dynalite.url });
    return {
      stack,
      dynalite,
      async end() {
        await stack.stop();
        await dynalite.end();
      },
    };
  } catch (error) {
    await dynalite.end();
    throw error;
  }
}

/**
 * Replays events into an empty local run and counts what that asked of the table, then decides for some of the
 * people in them, then gives a prefix to the naive design.
 */
export async function measureReplay(lines: readonly string[], limits: ReplayLimits): Promise<MeasuredReplay> {
  const { stack, dynalite, end } = await startCountedStack();
  try {
    const names = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as StackNames;
    const table = names.profilesTable;
    const memory = watchMemory([stack.pids.runner ?? 0, dynalite.pid]);
    const startedAt = Date.now();
    const sent = await sendEvents(Readable.from(linesOf(lines)), stack.url, 'sk_local', () => undefined);
    await untilCaughtUp(stack);
    const seconds = (Date.now() - startedAt) / 1000;
    const peakBytes = memory.end();
    const folding = (await dynalite.counts())[table] ?? NO_COUNTS;
    const sizes = byKind(await dynalite.sizes(table));
    const account = await reconcile({ ...names, dynamodb: dynalite.uncountedUrl }, sent, startedAt);
    const rejectedKept = await countRejected(names, startedAt);
    const decisions = await decideForSome(lines, limits.decisions, stack, dynalite, table);
    const naive = await runNaiveDesign(dynalite.url, lines.slice(0, limits.naiveEvents), limits.decisions);
    const counts = await dynalite.counts();
    const profiles = counts[NAIVE_PROFILES] ?? NO_COUNTS;
    return {
      sent,
      account,
      rejectedKept,
      seconds,
      peakBytes,
      folding,
      sizes,
      decisions,
      naive: { ...naive, writing: sum(counts[NAIVE_SEEN] ?? NO_COUNTS, profiles), deciding: profiles },
    };
  } finally {
    await end();
  }
}

function* linesOf(lines: readonly string[]): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

async function countRejected(
  { quarantineBucket, s3, region, streams }: StackNames,
  since: number,
): Promise<number> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const reader = s3QuarantineReader({
    bucket: quarantineBucket,
    streams,
    client: () => s3Client({ ...(s3 && { endpoint: s3 }), ...(region && { region }), credentials }),
  });
  let kept = 0;
  for await (const { functionName } of reader.list(since)) if (functionName === 'collect-events') kept += 1;
  return kept;
}

interface Status {
  readonly eventSources: readonly { readonly idle: boolean; readonly caughtUpAt: number }[];
}

/** Until every stream was read to its end after now, and all of it is folded. */
export async function untilCaughtUp(stack: LocalStack): Promise<void> {
  const since = Date.now();
  for (;;) {
    const reply = await fetch(`${stack.url}/_local/status`);
    const { eventSources } = (await reply.json()) as Status;
    if (eventSources.every(({ idle, caughtUpAt }) => idle && caughtUpAt > since)) return;
    await sleep(100);
  }
}

function byKind(sizes: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, readonly number[]> {
  const kinds = new Map<string, number[]>();
  for (const [item, bytes] of Object.entries(sizes)) {
    const ofKind = kinds.get(kindOf(item)) ?? [];
    for (const size of bytes) ofKind.push(size);
    kinds.set(kindOf(item), ofKind);
  }
  return kinds;
}

/** The value that `percent` of 100 do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** Asks one at a time, so that what each cost can be told apart. */
async function decideForSome(
  lines: readonly string[],
  count: number,
  stack: LocalStack,
  dynalite: CountedDynalite,
  table: string,
): Promise<MeasuredReplay['decisions']> {
  const { devices, users, linkedUsers } = peopleIn(lines);
  const readsSoFar = async (): Promise<number> => (await dynalite.counts())[table]?.readUnits ?? 0;
  const ask = async (people: readonly object[], headers: Readonly<Record<string, string>>) => {
    const costs: number[] = [];
    let before = await readsSoFar();
    for (const person of everyNth(people, count)) {
      const reply = await stack.post('/v1/decisions', { ...person, checkout: { payment: OPTIONS } }, headers);
      if (reply.status !== 200) throw new Error(`a decision was answered with ${reply.status}`);
      const after = await readsSoFar();
      costs.push(after - before);
      before = after;
    }
    return {
      decisions: costs.length,
      readUnits: costs.reduce((total, cost) => total + cost, 0),
      median: percentile(costs, 50),
      largest: Math.max(0, ...costs),
    };
  };
  return {
    device: await ask(
      devices.map((anonymousId) => ({ anonymousId })),
      BROWSER,
    ),
    account: await ask(
      users.map((userId) => ({ userId })),
      SERVER,
    ),
    'linked account': await ask(
      linkedUsers.map((userId) => ({ userId })),
      SERVER,
    ),
  };
}

const OPTIONS = [
  { id: 'credit_card', kind: 'card' },
  { id: 'boleto', kind: 'voucher' },
];

function peopleIn(lines: readonly string[]): {
  readonly devices: readonly string[];
  readonly users: readonly string[];
  readonly linkedUsers: readonly string[];
} {
  const devices = new Set<string>();
  const users = new Set<string>();
  const linkedUsers = new Set<string>();
  for (const line of lines) {
    const { userId, anonymousId } = JSON.parse(line) as { userId?: string; anonymousId?: string };
    if (anonymousId !== undefined) devices.add(anonymousId);
    if (userId !== undefined) (anonymousId === undefined ? users : linkedUsers).add(userId);
  }
  return {
    devices: [...devices],
    users: [...users].filter((user) => !linkedUsers.has(user)),
    linkedUsers: [...linkedUsers],
  };
}

function sum(left: TableCounts, right: TableCounts): TableCounts {
  return Object.fromEntries(
    Object.entries(left).map(([name, count]) => [name, count + right[name as keyof TableCounts]]),
  ) as unknown as TableCounts;
}
