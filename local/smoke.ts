import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { smokeTest } from './smoke-test.ts';

const USAGE = `npm run smoke -- [URL] [--secret-key KEY] [--within SECONDS]

  URL           of the API (default: CARTWRIGHT_URL, else the local run)
  --secret-key  of the server source (default: CARTWRIGHT_SECRET_KEY, else the local run's; the variable
                keeps it out of the list of processes)
  --within      seconds that a step may take (default: 30; a fresh stack has cold starts)
  It leaves one test subject behind, u:smoke-test-….`;

async function smoke(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'secret-key': { type: 'string' },
      within: { type: 'string', default: '30' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const withinSeconds = Number(values.within);
  if (!(withinSeconds > 0)) throw new Error(`--within is "${values.within}", but it takes seconds above 0`);
  const url = positionals[0] ?? process.env.CARTWRIGHT_URL ?? 'http://127.0.0.1:8787';
  const startedAt = performance.now();
  await smokeTest(
    {
      url: url.replace(/\/+$/, ''),
      secretKey: values['secret-key'] ?? process.env.CARTWRIGHT_SECRET_KEY ?? 'sk_local',
      runId: randomUUID(),
      withinMs: withinSeconds * 1000,
    },
    ({ name, ms, found }) => process.stdout.write(`ok  ${String(ms).padStart(6)} ms  ${name}: ${found}\n`),
  );
  process.stdout.write(`all is well, in ${Math.round(performance.now() - startedAt)} ms\n`);
}

try {
  await smoke();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
