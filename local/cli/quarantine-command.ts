import type { ListedEntry, QuarantineReader } from '../../shared/ports/quarantine.ts';
import { commandLine } from './command-line.ts';
import { LocalFault } from '../fault.ts';
import { entryLine, entryText, printable, sumLine } from './entry-text.ts';
import { redrive, type RedriveDependencies, type RedriveOutcome } from './redrive.ts';
import { sinceOf } from './since.ts';

export const QUARANTINE_USAGE = `npm run cli -- quarantine list   [--since 24h|TIME] [--code CODE] [--function NAME] [--redriven]
npm run cli -- quarantine show ID
npm run cli -- quarantine redrive ID … | --all | --code CODE | --function NAME  [--since 24h|TIME] [--dry-run]

  list       one line an entry (time, function, code, path, id), then a sum by code
  show       one entry whole, with what was sent
  redrive    puts entries back into their streams; each counts once, however often it is redriven
  --since    only what arrived in the last 30m, 24h, 7d …, or since an ISO 8601 time (default: all that is kept)
  --redriven lists what was redriven too
  --dry-run  says what a redrive would do, and does nothing
  --outputs  of a deployed stage: the file that \`cdk deploy --outputs-file\` wrote; without it the local run's`;

export interface QuarantineDependencies extends RedriveDependencies {
  readonly quarantine: QuarantineReader;
  /** ms since the epoch */
  readonly now: number;
  readonly say: (line: string) => void;
}

export type QuarantineCommand =
  | { readonly name: 'help' }
  | {
      readonly name: 'list';
      readonly filter: EntryFilter;
      readonly withRedriven: boolean;
      readonly outputs?: string;
    }
  | { readonly name: 'show'; readonly id: string; readonly outputs?: string }
  | {
      readonly name: 'redrive';
      /** Empty: all that the filter lets through. */
      readonly ids: readonly string[];
      readonly filter: EntryFilter;
      readonly isDryRun: boolean;
      readonly outputs?: string;
    };

interface EntryFilter {
  readonly since?: string;
  readonly code?: string;
  readonly functionName?: string;
}

/**
 * Reads what follows `quarantine` on the command line.
 *
 * @throws {LocalFault} on what it does not know, and on a redrive that names nothing
 */
export function parseQuarantineCommand(args: readonly string[]): QuarantineCommand {
  const { values, positionals } = parsed(args);
  const [name, ...ids] = positionals;
  const { since, code, outputs } = values;
  const filter = {
    ...(since !== undefined && { since }),
    ...(code !== undefined && { code }),
    ...(values.function !== undefined && { functionName: values.function }),
  };
  const at = outputs === undefined ? {} : { outputs };
  if (values.help || name === undefined) return { name: 'help' };
  switch (name) {
    case 'list':
      if (ids.length > 0) throw new LocalFault('list takes no ids: quarantine show ID shows one entry');
      return { name, filter, withRedriven: values.redriven ?? false, ...at };
    case 'show': {
      const [id, another] = ids;
      if (id === undefined || another !== undefined) throw new LocalFault('show takes one id');
      return { name, id, ...at };
    }
    case 'redrive': {
      const isNarrowed = code !== undefined || values.function !== undefined;
      if (ids.length === 0 && !values.all && !isNarrowed)
        throw new LocalFault('redrive what? Name ids, --code CODE, --function NAME or --all');
      if (ids.length > 0 && (values.all || isNarrowed))
        throw new LocalFault('redrive takes ids or a filter, not both');
      return { name, ids, filter, isDryRun: values['dry-run'] ?? false, ...at };
    }
    default:
      throw new LocalFault(`there is no command "quarantine ${name}"; known are list, show and redrive`);
  }
}

function parsed(args: readonly string[]) {
  return commandLine({
    args: [...args],
    allowPositionals: true,
    options: {
      since: { type: 'string' },
      code: { type: 'string' },
      function: { type: 'string' },
      redriven: { type: 'boolean' },
      all: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      outputs: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
}

/** Carries a command out. Rejects with {@link LocalFault} for what a person can put right. */
export async function runQuarantineCommand(
  command: Exclude<QuarantineCommand, { readonly name: 'help' }>,
  dependencies: QuarantineDependencies,
): Promise<void> {
  switch (command.name) {
    case 'list':
      return await list(command.filter, command.withRedriven, dependencies);
    case 'show':
      return await show(command.id, dependencies);
    case 'redrive':
      return await redriveChosen(command, dependencies);
  }
}

async function list(
  filter: EntryFilter,
  withRedriven: boolean,
  dependencies: QuarantineDependencies,
): Promise<void> {
  const codes: { readonly code: string }[] = [];
  for await (const entry of entriesOf(filter, dependencies)) {
    if (entry.redrive === 'done' && !withRedriven) continue;
    dependencies.say(entryLine(entry));
    codes.push({ code: entry.code });
  }
  dependencies.say(sumLine(codes));
}

async function show(id: string, dependencies: QuarantineDependencies): Promise<void> {
  for await (const entry of entriesOf({}, dependencies)) {
    if (entry.id === id) return dependencies.say(entryText(entry));
  }
  throw unknownId(id);
}

async function redriveChosen(
  { ids, filter, isDryRun }: Extract<QuarantineCommand, { readonly name: 'redrive' }>,
  dependencies: QuarantineDependencies,
): Promise<void> {
  const chosen: ListedEntry[] = [];
  const done = new Set<string>();
  for await (const entry of entriesOf(filter, dependencies)) {
    if (ids.length > 0 && !ids.includes(entry.id)) continue;
    if (entry.redrive === 'done') done.add(entry.id);
    else chosen.push(entry);
  }
  for (const id of ids) {
    if (done.has(id)) dependencies.say(`redriven before  ${id}`);
    else if (!chosen.some((entry) => entry.id === id)) throw unknownId(id);
  }
  const counts = { redriven: 0, 'already-applied': 0, 'window-passed': 0, refused: 0 };
  for await (const outcome of redrive(chosen, { isDryRun }, dependencies)) {
    counts[outcome.outcome] += 1;
    dependencies.say(printable(outcomeLine(outcome, isDryRun)));
  }
  const sums = Object.entries(counts).map(([outcome, count]) => `${outcome} ${count}`);
  dependencies.say(`${isDryRun ? 'nothing done; would be: ' : ''}${sums.join(', ')}`);
}

function outcomeLine(outcome: RedriveOutcome, isDryRun: boolean): string {
  const { id } = outcome.entry;
  switch (outcome.outcome) {
    case 'redriven':
      return `${isDryRun ? 'to be redriven' : 'redriven'}  ${id}`;
    case 'already-applied':
      return `already-applied  ${id}`;
    case 'window-passed':
      return `window-passed  ${id}  its subject has moved on: whether it was applied can no longer be told`;
    case 'refused': {
      const { code, message, path } = outcome.rejection;
      return `refused  ${id}  ${code}: ${path === undefined ? '' : `${path} `}${message}`;
    }
  }
}

/** An entry that a function kept and whose batch Lambda discarded as well is one entry. */
async function* entriesOf(
  { since, code, functionName }: EntryFilter,
  { quarantine, now }: QuarantineDependencies,
): AsyncGenerator<ListedEntry> {
  const seen = new Set<string>();
  for await (const entry of quarantine.list(since === undefined ? 0 : sinceOf(since, now))) {
    if (seen.has(entry.id)) continue;
    seen.add(entry.id);
    const isWanted =
      (code === undefined || entry.code === code) &&
      (functionName === undefined || entry.functionName === functionName);
    if (isWanted) yield entry;
  }
}

function unknownId(id: string): LocalFault {
  return new LocalFault(`there is no entry ${JSON.stringify(id)} in quarantine`);
}
