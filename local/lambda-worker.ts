import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { followRunClock } from './worker-clock.ts';
import type { FromWorker, InvocationError, ToWorker, WorkerInput } from './lambda-protocol.ts';

/** What runs in a function's worker thread: loads the bundle, then handles one event after the other. */
const { modulePath, exportName, functionName, functionArn, memoryMb, ahead } = workerData as WorkerInput;
const parent = parentPort!;
followRunClock(ahead);

type Handler = (event: unknown, context: object) => unknown;

function post(message: FromWorker): void {
  parent.postMessage(message);
}

function errorOf(cause: unknown): InvocationError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

async function load(): Promise<Handler> {
  const module = (await import(pathToFileURL(modulePath).href)) as Readonly<Record<string, unknown>>;
  const handler = module[exportName];
  if (typeof handler !== 'function') throw new Error(`${modulePath} exports no function ${exportName}`);
  return handler as Handler;
}

async function invoke(
  handler: Handler,
  { event, timeoutMs }: { event: string; timeoutMs: number },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const context = {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    awsRequestId: randomUUID(),
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(event), context);
    post({ type: 'result', ok: true, payload: JSON.stringify(result ?? null) });
  } catch (cause) {
    console.error(cause);
    post({ type: 'result', ok: false, error: errorOf(cause) });
  }
}

/** What was printed must have arrived before the thread is gone. */
async function drain(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => void stream.write('', () => resolve()));
}

try {
  const handler = await load();
  parent.on('message', (message: ToWorker) => {
    if (message.type === 'invoke') void invoke(handler, message);
    else void Promise.all([drain(process.stdout), drain(process.stderr)]).then(() => process.exit(0));
  });
  post({ type: 'ready' });
} catch (cause) {
  post({ type: 'broken', error: errorOf(cause) });
}
