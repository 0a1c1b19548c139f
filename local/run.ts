import { mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { retentionFor, watchAlarms } from './alarm-watch.ts';
import { type Assembly, readAssembly } from './assembly.ts';
import { awsClients } from './aws-clients.ts';
import { awsMeters } from './aws-meters.ts';
import { openCheckpoints } from './checkpoints.ts';
import { answerControl, sendJson } from './control.ts';
import { demoShop } from './demo/answer-demo.ts';
import type { EmulatorSample } from './emulator-front.ts';
import { startEventSource } from './event-source.ts';
import { faultSwitches, type Faults } from './faults.ts';
import { startFunctions } from './functions.ts';
import { localKeys } from './generated-secret.ts';
import { localIdentity } from './local-identity.ts';
import { httpApi } from './http-api.ts';
import { listen } from './http-server.ts';
import { lambdaApi } from './lambda-api.ts';
import { lambdaEnvironment } from './lambda-environment.ts';
import { metricStore } from './metric-store.ts';
import { opsPage } from './ops/answer-ops.ts';
import { decisionLog } from './ops/decision-log.ts';
import type { LocalOptions } from './options.ts';
import { type Plan, planRun } from './plan.ts';
import { provision } from './provision.ts';
import { refuseUnknownTypes } from './resource-types.ts';
import { runClock } from './run-clock.ts';
import { startSchedules } from './schedules.ts';
import { startServices } from './services.ts';
import { ACCOUNT_ID, openStackSet, type StackSet } from './stacks.ts';
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
  const clock = runClock();

  const start = async (): Promise<string> => {
    if (options.ephemeral) closers.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
    closers.push(takeFolder(dir));
    mkdirSync(join(dir, 'checkpoints'), { recursive: true });

    let answer = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();
    const server = await listen(options.port, (request, response) => answer(request, response));
    closers.push(() => server.end());

    const endpointsFile = join(dir, 'endpoints.json');
    let onRestart = (): void => undefined;
    let onSample: (sample: EmulatorSample) => void = () => undefined;
    const [services, assemblyDir] = await bothOrNone(
      startServices(
        options,
        env,
        region,
        say,
        () => onRestart(),
        (sample) => onSample(sample),
      ).then((started) => {
        closers.push(() => started.end());
        return started;
      }),
      assemblyDirOf(options, ending.signal),
    );
    const { endpoints, credentials } = services;
    const names = openNameBook(join(dir, 'state.json'));
    const clients = awsClients(endpoints, region, credentials);
    /** Makes what the stacks have and is not there yet. */
    const setUp = async (of: Assembly): Promise<{ readonly stacks: StackSet; readonly plan: Plan }> => {
      const opened = openStackSet({ assembly: of, names, region, apiUrl: server.url });
      refuseUnknownTypes(opened.resources);
      await provision(opened, names, clients, localKeys(env));
      const arnOf = (name: string): string => `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;
      return { stacks: opened, plan: planRun(opened.resources, of.assets, arnOf) };
    };
    const { stacks, plan } = await setUp(readAssembly(assemblyDir));

    const metrics = metricStore(retentionFor(plan.alarms));
    const meters = awsMeters(metrics, clock);
    onSample = ({ value, ...sample }) => metrics.record({ ...sample, values: [value], at: clock.now() });
    const functions = await startFunctions({
      plans: plan.functions,
      streamed: new Set(plan.eventSources.map(({ functionName }) => functionName)),
      environmentOf: (one) => ({
        ...lambdaEnvironment(one, endpoints, region, credentials),
        ...localIdentity(one.environment, env),
      }),
      metrics,
      meters,
      clock,
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
        clock,
        meters,
      }),
    );
    closers.push(async () => void (await Promise.all(sources.map((source) => source.end()))));
    const alarms = watchAlarms(plan, metrics, clock, say);
    closers.push(() => alarms.end());

    const decisions = decisionLog(functions.invoke, clock);
    const api = plan.api ? httpApi(plan.api, decisions.invoke, meters) : notFound;
    const control = {
      metrics,
      alarms,
      dashboards: plan.dashboards,
      sources,
      clock,
      isMovable: options.movableClock,
      deploy: async () => functions.deploy((await setUp(readAssembly(assemblyDir))).plan.functions),
    };
    const ops = opsPage({ ...control, decisions });
    const faults = faultSwitches(
      services.pids().dynamodb === undefined ? undefined : weatherOf(endpoints.dynamodb),
    );
    const { writeKey, secretKey, identitySecret } = localKeys(env);
    const demo = demoShop({
      apiUrl: server.url,
      writeKey,
      secretKey,
      identitySecret,
      now: clock.now,
      faults: faults.current,
    });
    answer = (request, response) => {
      const path = request.url?.split('?')[0];
      if (path === '/healthz') return sendJson(response, { status: 'ready' });
      const serve = path?.startsWith('/_local/') ? answerControl(request, response, control) : notControl;
      serve
        .then((isAnswered) => isAnswered || faults.answer(request, response))
        .then((isAnswered) => isAnswered || ops(request, response))
        .then((isAnswered) => isAnswered || demo(request, response))
        .then((isAnswered) => isAnswered || faults.meet(request, response))
        .then((isAnswered) => (isAnswered ? undefined : api(request, response)))
        .catch(() => response.destroy());
    };
    const writeEndpoints = (): void =>
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
            changesStream: stacks.output('ChangesStream'),
            quarantineBucket: stacks.output('QuarantineBucket'),
            subjectSecret: stacks.output('SubjectSecret'),
            apiKeysSecret: stacks.output('ApiKeysSecret'),
            auditFunction: stacks.output('AuditFunction'),
            suppressionsTable: stacks.output('SuppressionsTable'),
          },
          undefined,
          2,
        ),
      );
    writeEndpoints();
    onRestart = () => {
      writeEndpoints();
      faults.again().catch(() => undefined);
    };
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

const notControl = Promise.resolve(false);

/** Makes the emulator at `url` behave so. */
function weatherOf(url: string): (state: Faults['store']) => Promise<void> {
  return async (state) => {
    await fetch(`${url}/_local/weather`, { method: 'PUT', body: JSON.stringify(state) });
  };
}

function notFound(_: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(404).end();
  return Promise.resolve();
}

/** @returns the folder of an assembly, synthesized unless one was given */
async function assemblyDirOf(options: LocalOptions, signal: AbortSignal): Promise<string> {
  if (options.assembly !== undefined) return options.assembly;
  const outdir = join(options.dir, 'cdk.out');
  await synthesize(outdir, join(options.dir, 'logs', 'synth.log'), signal);
  return outdir;
}

/** Waits for both before it says which failed, so that nothing is left half started. */
async function bothOrNone<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}
