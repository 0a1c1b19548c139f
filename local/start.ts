import { LocalFault } from './fault.ts';
import { readOptions } from './options.ts';
import { localRun } from './run.ts';

// The SDK's advice about Node versions is for those who deploy it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

function leave(cause: unknown): never {
  console.error(cause instanceof LocalFault ? cause.message : cause);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const run = localRun(options, process.env, (line) => console.log(line));
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    run.end().then(() => process.exit(0), leave);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // tsx passes signals on to us, but cannot pass on that it was killed.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !stopping) stop();
  }, 500).unref();
  try {
    console.log(`ready ${await run.start()}`);
  } catch (cause) {
    if (stopping) return;
    await run.end();
    leave(cause);
  }
}

main().catch(leave);
