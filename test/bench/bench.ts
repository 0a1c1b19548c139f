/** `npm run bench -- NAME [ARGUMENTS]` runs the bench of that name in this folder. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [name = '', ...rest] = process.argv.slice(2);
const file = new URL(`${name}.ts`, import.meta.url);
if (!/^[a-z-]+$/.test(name) || !existsSync(file)) {
  console.error(
    'npm run bench -- NAME, and a bench is one of: real-input, decide-checkout, cold-start, fold-throughput, segment-speed, ranking-quality, kinesis-emulators, browser-sizes',
  );
  process.exit(1);
}
process.argv = [process.execPath, fileURLToPath(file), ...rest];
await import(file.href);
