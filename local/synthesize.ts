import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalFault } from './fault.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs the CDK app for the `dev` stage as the CDK CLI does (which takes seconds longer to start).
 *
 * @param outdir folder of the assembly; emptied first
 * @param log file for all that the app prints
 * @throws {LocalFault} with the cause if the app fails
 */
export async function synthesize(outdir: string, log: string, signal: AbortSignal): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
  rmSync(outdir, { recursive: true, force: true });
  const app = spawn(process.execPath, [...process.execArgv, join(ROOT, 'infra/app.ts')], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: 'dev' }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const printed: Buffer[] = [];
  app.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  app.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    app.once('error', reject);
    app.once('close', resolve);
  });
  const output = Buffer.concat(printed).toString();
  writeFileSync(log, output);
  if (code !== 0)
    throw new LocalFault(`The stack does not synthesize: ${causeOf(output)} (all of it: ${log})`);
}

/** How failures say what is wrong, the most telling first: cdk-nag and esbuild, CDK's own errors, any error. */
const TELLING = [/ERROR:? (.+)/, /«\w+» (.+)/, /^\w*Error(?: \[\w+\])?: (.+)/];
const NOISE = /^(npm warn|Bundling asset|at |node:|Node\.js v)/i;

/** One sentence of all that a failed app has printed: what an error says, else the first line. */
export function causeOf(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !NOISE.test(line));
  const said = TELLING.flatMap((pattern) => lines.map((line) => pattern.exec(line)?.[1])).find(Boolean);
  return (said ?? lines[0] ?? 'it gave no reason').replace(/\.?$/, '.');
}
