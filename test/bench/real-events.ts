import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../e2e/local-stack.ts';

export interface EventFile {
  readonly name: 'Olist' | 'Taobao' | 'UCI' | 'UCI, excerpt';
  /** All events of the file, one JSON object a line. */
  readonly lines: readonly string[];
}

const FILES = { Olist: 'olist', Taobao: 'taobao', UCI: 'uci-online-retail' } as const;
/** What ships: every test and bench can read it. */
export const EXCERPT = join(ROOT, 'test/data/uci-online-retail-excerpt.events.ndjson.gz');

/**
 * The public data sets in the folder that `CARTWRIGHT_DATA` names. Without it the excerpt that ships, after saying
 * so on standard error.
 */
export function realEvents(folder = process.env.CARTWRIGHT_DATA): readonly EventFile[] {
  if (folder === undefined) {
    process.stderr.write('real data: NOT RUN (CARTWRIGHT_DATA is not set; only the excerpt is)\n');
    return [{ name: 'UCI, excerpt', lines: linesOf(EXCERPT) }];
  }
  return Object.entries(FILES).flatMap(([name, file]) => {
    const path = join(folder, `${file}.events.ndjson.gz`);
    if (existsSync(path)) return [{ name: name as keyof typeof FILES, lines: linesOf(path) }];
    process.stderr.write(`real data: NOT RUN for ${name} (there is no ${path})\n`);
    return [];
  });
}

/** The events of a gzipped file, one JSON object a line. */
export function linesOf(path: string): readonly string[] {
  return gunzipSync(readFileSync(path)).toString().split('\n').filter(Boolean);
}
