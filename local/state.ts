import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalFault } from './fault.ts';

/**
 * The physical names that resources were given, kept from run to run. A resource that is made anew gets a new name,
 * as CloudFormation would give it: a stream's name stands for one life of that stream.
 */
export interface NameBook {
  /** The name kept under `key`, else the one that `make` gives it now. */
  nameOf(key: string, make: () => string): string;
  /** Forgets the name: the next one is a new one. */
  renew(key: string): void;
}

export function openNameBook(file: string): NameBook {
  const names: Record<string, string> = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { names: Record<string, string> }).names
    : {};
  const save = (): void => writeWhole(file, JSON.stringify({ names }, undefined, 2));
  return {
    nameOf(key, make) {
      const known = names[key];
      if (known !== undefined) return known;
      const made = make();
      names[key] = made;
      save();
      return made;
    },
    renew(key) {
      delete names[key];
      save();
    },
  };
}

/** 12 characters of CloudFormation's own kind. */
export function randomSuffix(length = 12): string {
  return Array.from({ length }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[randomInt(36)]).join('');
}

/** Replaces the file in one step: a crash leaves the old one or the new one. */
export function writeWhole(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Makes `dir` and takes it for this process; the answer gives it back.
 *
 * @throws {LocalFault} if another run has it
 */
export function takeFolder(dir: string): () => void {
  mkdirSync(join(dir, 'logs'), { recursive: true });
  const lock = join(dir, 'lock');
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
  } catch {
    const holder = Number(readFileSync(lock, 'utf8'));
    if (isRunning(holder)) {
      throw new LocalFault(
        `Another run (process ${holder}) is using ${dir}: stop it, or choose another folder with --dir or CARTWRIGHT_LOCAL_DIR.`,
      );
    }
    writeFileSync(lock, String(process.pid));
  }
  return () => rmSync(lock, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
