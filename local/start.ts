import { LocalFault } from './fault.ts';
import { readOptions } from './options.ts';
import { localRun } from './run.ts';

// The SDK's advice about Node versions is for those who deploy it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/**
 * A Ctrl-C reaches us twice, from the terminal and from tsx, which passes it on; only one that comes later than that
 * is somebody's who will not wait.
 */
const IMPATIENT_MS = 1_500;

function leave(cause: unknown): never {
  console.error(cause instanceof LocalFault ? cause.message : cause);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const run = localRun(options, process.env, (line) => console.log(line));
  let stoppingSince: number | undefined;
  const stop = (): void => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now();
      run.end().then(() => process.exit(0), leave);
    } else if (Date.now() - stoppingSince > IMPATIENT_MS) process.exit(1);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // tsx passes signals on to us, but cannot pass on that it was killed.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && stoppingSince === undefined) stop();
  }, 500).unref();
  try {
    console.log(`ready ${await run.start()}`);
  } catch (cause) {
    if (stoppingSince !== undefined) return;
    await run.end();
    leave(cause);
  }
}

main().catch(leave);
