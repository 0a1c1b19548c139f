import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlarmStatus } from '../../local/alarm-watch.ts';
import type { EventSourceStatus } from '../../local/event-source.ts';
import type { FacetName, StoredItem } from '../../shared/domain/item.ts';
import { stackParts, type StackParts } from '../../local/stack-parts.ts';
import { auditOnSchedule, decide, endpointsOf, pass, pidOf, purchase } from '../metric-proof/everything.ts';
import { eventually, ROOT, SERVER, startLocalStack, type LocalStack } from '../e2e/local-stack.ts';

interface Status {
  readonly metrics: readonly {
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly count: number;
  }[];
  readonly alarms: readonly AlarmStatus[];
  readonly eventSources: readonly EventSourceStatus[];
}

const SP = { location: { country: 'BR', region: 'SP' } };
/** Longer than an emulator's samples and a worker's last lines are under way. */
const SETTLE_MS = 250;

/** A run whose clock can be moved, and what can go wrong in it. */
export interface Drill {
  readonly stack: LocalStack;
  readonly parts: StackParts;
  /** Names of the alarms that are raised now, without what CDK adds to them. */
  raised(): Promise<ReadonlySet<string>>;
  /** Names of all alarms, and how often each was raised and over. */
  histories(): Promise<ReadonlyMap<string, readonly string[]>>;
  pass(minutes: number): Promise<void>;
  /** Events of some shoppers whom nobody has seen before, in both lanes. */
  shop(shoppers?: number): Promise<void>;
  /** Decisions for a shopper of whom much is known, with a region; answers how many were 200. */
  decide(times?: number): Promise<number>;
  /** Each request of the API once. */
  visit(): Promise<void>;
  /** An audit on its schedule; answers whether it came to its end. */
  audit(): Promise<boolean>;
  /** Changes what is stored of a subject behind everybody's back; the answer puts it back. */
  tamper(
    subject: string,
    item: FacetName,
    change: (stored: StoredItem) => StoredItem,
  ): Promise<() => Promise<void>>;
  /** Until every event source has handed a batch over once more. */
  tryOnce(): Promise<void>;
  /** Until every event source has tried once more, and failed. */
  failOnce(): Promise<void>;
  /** Until nothing is left to do in the streams. */
  catchUp(): Promise<void>;
  freezeStore(): void;
  thawStore(): void;
  /** Edits the functions of the assembly as a bad deploy would, and runs them. */
  deployBad(
    how: 'crashing' | 'without concurrency',
    isMeant?: (functionId: string) => boolean,
  ): Promise<void>;
  /** What was there before. */
  deployGood(): Promise<void>;
  /** Takes the quarantine bucket away, and puts it back. */
  hideBucket(): void;
  showBucket(): void;
  end(): Promise<void>;
}

export async function startDrill(): Promise<Drill> {
  const home = mkdtempSync(join(tmpdir(), 'cartwright-drill-'));
  const [assembly, good] = [join(home, 'cdk.out'), join(home, 'cdk.good')];
  synthesize(assembly);
  changeService(assembly, 'AWS::Lambda::EventSourceMapping', (properties) => {
    // How long events gather is not what is drilled, and nobody likes to wait for it.
    delete properties.MaximumBatchingWindowInSeconds;
  });
  cpSync(assembly, good, { recursive: true });
  const stack = await startLocalStack({}, ['--movable-clock', '--assembly', assembly]);
  const names = endpointsOf(stack);
  const parts = stackParts(names);
  const bucket = join(stack.dir, 'objects', names.quarantineBucket);
  let shoppers = 0;
  const restore = (): void => {
    rmSync(assembly, { recursive: true });
    cpSync(good, assembly, { recursive: true });
  };

  const ask = async <Answer>(path: string, init?: RequestInit): Promise<Answer> => {
    const reply = await fetch(stack.url + path, init);
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status}`);
    return (await reply.json()) as Answer;
  };
  const status = (): Promise<Status> => ask<Status>('/_local/status');
  /** How often each function was handed a batch: its age is measured each time. */
  const tries = async (): Promise<ReadonlyMap<string, number>> => {
    const { metrics } = await status();
    return new Map(
      metrics
        .filter(({ name }) => name === 'IteratorAge')
        .map(({ dimensions, count }) => [dimensions.FunctionName ?? '', count]),
    );
  };
  const deploy = (): Promise<object> => ask('/_local/deploy', { method: 'POST' });
  const post = (path: string, body: object): Promise<number> =>
    stack.post(path, body).then(
      ({ status: code }) => code,
      // What the gateway answers by itself is not in the document of the API.
      () => 500,
    );

  return {
    stack,
    parts,
    async raised() {
      const { alarms } = await status();
      return new Set(alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => plain(name)));
    },
    async histories() {
      const { alarms } = await status();
      return new Map(alarms.map(({ name, history }) => [plain(name), history.map(({ state }) => state)]));
    },
    async pass(minutes) {
      await sleep(SETTLE_MS);
      await pass(stack, minutes);
    },
    async shop(count = 8) {
      const batch = Array.from({ length: count }, () => {
        const userId = `shopper-${++shoppers}`;
        return [
          purchase({ userId }, `order-${shoppers}`, { context: SP }),
          { type: 'page', userId, name: 'Home' },
        ];
      });
      await post('/v1/batch', { batch: batch.flat() });
    },
    async decide(times = 3) {
      let answered = 0;
      for (let count = 0; count < times; count++) {
        const reply = await decide(stack, { userId: 'shopper-1', context: SP.location }).catch(
          () => undefined,
        );
        if (reply?.status === 200) answered += 1;
      }
      return answered;
    },
    async visit() {
      await Promise.all([
        post('/v1/batch', { batch: [{ type: 'page', userId: 'visitor', name: 'Home' }] }),
        decide(stack, { userId: 'visitor' }).catch(() => undefined),
        fetch(`${stack.url}/v1/profiles/u%3Avisitor`, { headers: SERVER }),
        fetch(`${stack.url}/v1/profiles/u%3Aleaver`, { method: 'DELETE', headers: SERVER }),
      ]);
    },
    audit: () =>
      auditOnSchedule(names).then(
        () => true,
        () => false,
      ),
    async tamper(subject, item, change) {
      const ref = { key: (await parts.subjectKeys()).keyOf(subject), item };
      const [stored] = await parts.store.read([ref]);
      if (stored === undefined) throw new Error(`nothing is stored of ${subject}`);
      await parts.store.write({ ...change(stored), v: stored.v + 1 });
      return async () => void (await parts.store.write({ ...stored, v: stored.v + 2 }));
    },
    async tryOnce() {
      const before = await tries();
      await eventually(
        tries,
        (now) => [...before].every(([name, count]) => (now.get(name) ?? 0) > count),
        60_000,
      );
    },
    async failOnce() {
      const before = (await status()).eventSources.map(({ failures }) => failures);
      await eventually(
        async () => (await status()).eventSources,
        (sources) => sources.every(({ failures }, index) => failures > (before[index] ?? 0)),
        60_000,
      );
    },
    async catchUp() {
      const since = Date.now();
      await eventually(
        async () => (await status()).eventSources,
        (sources) => sources.every(({ idle, caughtUpAt }) => idle && caughtUpAt >= since),
        60_000,
      );
    },
    freezeStore: () => process.kill(pidOf(stack, 'dynamodb'), 'SIGSTOP'),
    thawStore: () => process.kill(pidOf(stack, 'dynamodb'), 'SIGCONT'),
    async deployBad(how, isMeant = () => true) {
      restore();
      if (how === 'crashing') breakBundles(assembly);
      else {
        changeService(assembly, 'AWS::Lambda::Function', (properties, id) => {
          if (isMeant(id)) properties.ReservedConcurrentExecutions = 0;
        });
      }
      await deploy();
    },
    async deployGood() {
      restore();
      await deploy();
    },
    hideBucket: () => renameSync(bucket, `${bucket}.hidden`),
    showBucket: () => renameSync(`${bucket}.hidden`, bucket),
    async end() {
      await stack.stop();
      rmSync(home, { recursive: true });
    },
  };
}

function breakBundles(assembly: string): void {
  for (const asset of readdirSync(assembly).filter((name) => name.startsWith('asset.'))) {
    writeFileSync(
      join(assembly, asset, 'index.mjs'),
      "export const handler = async () => { throw new Error('a bad deploy'); };",
    );
  }
}

function synthesize(outdir: string): void {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'infra/app.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: 'dev' }),
    },
    stdio: 'pipe',
  });
}

/** Edits the resources of one type in the template of what runs. */
function changeService(
  assembly: string,
  type: string,
  change: (properties: Record<string, unknown>, id: string) => void,
): void {
  const file = join(
    assembly,
    readdirSync(assembly).find((name) => name.endsWith('Service.template.json')) ?? '',
  );
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly Resources: Readonly<
      Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>
    >;
  };
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === type) change(Properties, id);
  }
  writeFileSync(file, JSON.stringify(template));
}

/** CDK ends a logical id with eight digits of a hash. */
function plain(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
