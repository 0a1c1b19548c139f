import { readdirSync, readFileSync } from 'node:fs';

export interface MemoryWatch {
  /** The most that all processes together held at one time, bytes. */
  end(): number;
}

const EVERY_MS = 250;

/** Watches the resident memory of these processes and of all that they started (Linux; elsewhere it says 0). */
export function watchMemory(roots: readonly number[]): MemoryWatch {
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, residentBytes(roots));
  };
  const timer = setInterval(look, EVERY_MS);
  look();
  return {
    end() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

function residentBytes(roots: readonly number[]): number {
  const children = new Map<number, number[]>();
  const resident = new Map<number, number>();
  for (const name of processFolders()) {
    const pid = Number(name);
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
      resident.set(pid, Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has ended meanwhile.
    }
  }
  const tree = new Set<number>();
  const add = (pid: number): void => {
    if (tree.has(pid)) return;
    tree.add(pid);
    children.get(pid)?.forEach(add);
  };
  roots.forEach(add);
  return [...tree].reduce((sum, pid) => sum + (resident.get(pid) ?? 0), 0);
}

function processFolders(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
