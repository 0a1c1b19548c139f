import { mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type AlarmWatch, retentionFor, watchAlarms } from './alarm-watch.ts';
import { readAssembly } from './assembly.ts';
import { awsClients } from './aws-clients.ts';
import { openCheckpoints } from './checkpoints.ts';
import { type EventSource, startEventSource } from './event-source.ts';
import { startFunctions } from './functions.ts';
import { localKeys } from './generated-secret.ts';
import { httpApi } from './http-api.ts';
import { listen } from './http-server.ts';
import { lambdaApi } from './lambda-api.ts';
import { lambdaEnvironment } from './lambda-environment.ts';
import { type MetricStore, metricStore } from './metric-store.ts';
import type { LocalOptions } from './options.ts';
import { planRun } from './plan.ts';
import { provision } from './provision.ts';
import { refuseUnknownTypes } from './resource-types.ts';
import { startSchedules } from './schedules.ts';
import { startServices } from './services.ts';
import { ACCOUNT_ID, openStackSet } from './stacks.ts';
import { openNameBook, takeFolder, writeWhole } from './state.ts';
import { synthesize } from './synthesize.ts';

export interface LocalRun {
  /** Resolves to the API's URL when all is up; rejects with a `LocalFault` for what a person can put right. */
  start(): Promise<string>;
  /** Ends all that was started, in the opposite order; at any time. */
  end(): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Synthesizes the `dev` stage and runs that assembly on this machine. */
export function localRun(options: LocalOptions, env: Env, say: (line: string) => void): LocalRun {
  const { dir } = options;
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1';
  const ending = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];

  const start = async (): Promise<string> => {
    if (options.ephemeral) closers.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
    closers.push(takeFolder(dir));
    mkdirSync(join(dir, 'checkpoints'), { recursive: true });

    let answer = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();
    const server = await listen(options.port, (request, response) => answer(request, response));
    closers.push(() => server.end());

    const endpointsFile = join(dir, 'endpoints.json');
    let writeEndpoints = (): void => undefined;
    const [services, assembly] = await bothOrNone(
      startServices(options, env, region, say, () => writeEndpoints()).then((started) => {
        closers.push(() => started.end());
        return started;
      }),
      assemblyOf(options, ending.signal),
    );
    const { endpoints, credentials } = services;
    const names = openNameBook(join(dir, 'state.json'));
    const stacks = openStackSet({ assembly, names, region, apiUrl: server.url });
    refuseUnknownTypes(stacks.resources);
    const clients = awsClients(endpoints, region, credentials);
    await provision(stacks, names, clients, localKeys(env));
    const plan = planRun(
      stacks.resources,
      assembly.assets,
      (name) => `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`,
    );

    const metrics = metricStore(retentionFor(plan.alarms));
    const functions = await startFunctions({
      plans: plan.functions,
      streamed: new Set(plan.eventSources.map(({ functionName }) => functionName)),
      environmentOf: (one) => lambdaEnvironment(one, endpoints, region, credentials),
      metrics,
      dir,
    });
    closers.push(() => functions.end());

    const invocations = await listen(0, lambdaApi(functions.invoke));
    closers.push(() => invocations.end());
    const schedules = startSchedules(plan.schedules, region, functions.invoke);
    closers.push(() => schedules.end());

    const sources = plan.eventSources.map((one) =>
      startEventSource({
        plan: one,
        clients,
        region,
        functionArn: functions.arnOf(one.functionName),
        checkpoints: openCheckpoints(join(dir, 'checkpoints', `${one.id}.json`)),
        invoke: (event) => functions.invoke(one.functionName, event),
        onIteratorAge: (ageMs) =>
          metrics.record({
            namespace: 'AWS/Lambda',
            name: 'IteratorAge',
            dimensions: { FunctionName: one.functionName },
            unit: 'Milliseconds',
            values: [ageMs],
            at: Date.now(),
          }),
      }),
    );
    closers.push(async () => void (await Promise.all(sources.map((source) => source.end()))));
    const alarms = watchAlarms(plan.alarms, metrics, say);
    closers.push(() => alarms.end());

    const api = plan.api && httpApi(plan.api, functions.invoke);
    answer = (request, response) => {
      const path = request.url?.split('?')[0];
      if (path === '/healthz') return sendJson(response, { status: 'ready' });
      if (path === '/_local/status') return sendJson(response, statusOf(metrics, alarms, sources));
      if (!api) return void response.writeHead(404).end();
      api(request, response).catch(() => response.destroy());
    };
    writeEndpoints = () =>
      writeWhole(
        endpointsFile,
        JSON.stringify(
          {
            api: server.url,
            ...endpoints,
            lambda: invocations.url,
            region,
            pids: { runner: process.pid, ...services.pids() },
            profilesTable: stacks.output('ProfilesTable'),
            streams: { critical: stacks.output('CriticalStream'), bulk: stacks.output('BulkStream') },
            quarantineBucket: stacks.output('QuarantineBucket'),
            subjectSecret: stacks.output('SubjectSecret'),
            auditFunction: stacks.output('AuditFunction'),
          },
          undefined,
          2,
        ),
      );
    writeEndpoints();
    closers.push(() => rmSync(endpointsFile, { force: true }));
    // What is under way is answered before anything that it needs is ended.
    closers.push(() => server.end());
    return server.url;
  };

  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    ending.abort();
    for (let close = closers.pop(); close; close = closers.pop()) await close();
  };
  return { start, end: () => (ended ??= end()) };
}

async function assemblyOf(
  { dir, assembly }: LocalOptions,
  signal: AbortSignal,
): Promise<ReturnType<typeof readAssembly>> {
  if (assembly !== undefined) return readAssembly(assembly);
  const outdir = join(dir, 'cdk.out');
  await synthesize(outdir, join(dir, 'logs', 'synth.log'), signal);
  return readAssembly(outdir);
}

/** Waits for both before it says which failed, so that nothing is left half started. */
async function bothOrNone<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

function statusOf(metrics: MetricStore, alarms: AlarmWatch, sources: readonly EventSource[]): object {
  return {
    metrics: metrics.summaries(),
    alarms: alarms.status(),
    eventSources: sources.map((source) => source.status()),
  };
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
