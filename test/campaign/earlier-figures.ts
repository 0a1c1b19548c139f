import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../e2e/local-stack.ts';
import type { Figures, Row } from './row.ts';

/** What campaigns before this one came to: long ones are made in several goes. */
export interface EarlierFigures extends Figures {
  /** The first seed that none of them has tried. */
  readonly nextSeed: number;
  readonly commits: readonly string[];
}

const FOLDER = join(ROOT, '.local/campaign');

export const NOTHING_YET: EarlierFigures = {
  runs: 0,
  counts: {},
  most: {},
  samples: {},
  seconds: 0,
  violations: [],
  nextSeed: 1,
  commits: [],
};

/** @returns what was kept of a row; nothing, too, where something was wrong: what was mended since begins anew */
export async function readEarlier({ name }: Row, folder = FOLDER): Promise<EarlierFigures> {
  try {
    const kept = JSON.parse(await readFile(fileOf(name, folder), 'utf8')) as EarlierFigures;
    return kept.violations.length > 0 ? NOTHING_YET : kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING_YET;
    throw error;
  }
}

export async function keepFigures({ name }: Row, figures: EarlierFigures, folder = FOLDER): Promise<void> {
  const file = fileOf(name, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(figures));
  await rename(`${file}.new`, file);
}

function fileOf(name: string, folder: string): string {
  return join(folder, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.json`);
}
