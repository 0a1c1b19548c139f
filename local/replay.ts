import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { SingleBar } from 'cli-progress';
import { LocalFault } from './fault.ts';
import { reconcile } from './reconcile.ts';
import { sendEvents, type SentEvents } from './send-events.ts';
import { stackNames } from './stack-names.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const USAGE = `npm run replay -- FILE [--url URL] [--outputs FILE]

  FILE       Segment-spec events, one JSON object a line; .gz is unpacked, - is standard input
  --url      where the collector is (default: CARTWRIGHT_URL, else the local run)
  --outputs  of a deployed stack: the file that \`cdk deploy --outputs-file\` wrote; without it and away from the
             local run, what was accepted is not followed any further
  CARTWRIGHT_SECRET_KEY is the server source's key (default: the local run's)`;

async function replay(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: 'string' }, outputs: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [file] = positionals;
  if (file === undefined || values.help) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 1;
  }
  const url = (values.url ?? process.env.CARTWRIGHT_URL ?? 'http://127.0.0.1:8787').replace(/\/$/, '');
  const names = stackNames(url, values.outputs);

  const startedAt = Date.now();
  const sent = await sendWithProgress(file, url);
  const { accepted, rejected, skipped } = sent;
  if (skipped > 0) process.stderr.write(`${skipped} lines are not JSON and were not sent\n`);
  const halves = [`sent ${accepted + rejected} = accepted ${accepted} + rejected ${rejected}`];
  if (names === null) {
    process.stdout.write(
      `${halves[0]}; not followed further: say --outputs FILE to reconcile a deployed stack\n`,
    );
    return 0;
  }
  const account = await reconcile(names, sent, startedAt);
  halves.push(
    `accepted ${accepted} = applied ${account.applied} + deduplicated ${account.deduplicated}` +
      ` + quarantined ${account.quarantined} + suppressed ${account.suppressed}`,
    `gap ${account.gap}`,
  );
  process.stdout.write(`${halves.join('; ')}\n`);
  return account.gap === 0 ? 0 : 1;
}

async function sendWithProgress(file: string, url: string): Promise<SentEvents> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  const bytes = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  // The bar goes to standard error, so that standard output is the reconciliation line alone.
  const bar = new SingleBar({
    format: '{value} events · {rate}/s · {duration_formatted}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  const startedAt = Date.now();
  bar.start(0, 0, { rate: 0 });
  try {
    source.on('error', (cause: Error) => bytes.destroy(cause));
    return await sendEvents(bytes, url, process.env.CARTWRIGHT_SECRET_KEY ?? 'sk_local', (count) =>
      bar.update(count, { rate: Math.round(count / Math.max(0.001, (Date.now() - startedAt) / 1000)) }),
    );
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new LocalFault(`there is no file ${file}`);
    throw cause;
  } finally {
    bar.stop();
  }
}

try {
  process.exitCode = await replay();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
