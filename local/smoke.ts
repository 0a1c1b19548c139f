import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { smokeTest } from './smoke-test.ts';
import { namesOfOutputs } from './stack-names.ts';
import { stackParts } from './stack-parts.ts';

const USAGE = `npm run smoke -- [URL | --outputs FILE] [--secret-key KEY] [--within SECONDS]

  URL           of the API (default: CARTWRIGHT_URL, else the local run)
  --secret-key  of the server source (default: CARTWRIGHT_SECRET_KEY, else the local run's; the variable
                keeps it out of the list of processes)
  --outputs     of a deployed stack: the file that \`cdk deploy --outputs-file\` wrote; the URL is in it, and
                the key is read where it says, with the AWS credentials of whoever asks
  --within      seconds that a step may take (default: 30; a fresh stack has cold starts)
  It leaves one test subject behind, u:smoke-test-….`;

async function smoke(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'secret-key': { type: 'string' },
      outputs: { type: 'string' },
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
  const names = values.outputs === undefined ? undefined : namesOfOutputs(values.outputs);
  const url = names?.apiUrl ?? positionals[0] ?? process.env.CARTWRIGHT_URL ?? 'http://127.0.0.1:8787';
  const secretKey =
    values['secret-key'] ??
    (names ? await stackParts(names).secretKey() : (process.env.CARTWRIGHT_SECRET_KEY ?? 'sk_local'));
  const startedAt = performance.now();
  await smokeTest(
    {
      url: url.replace(/\/+$/, ''),
      secretKey,
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
