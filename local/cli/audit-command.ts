import * as v from 'valibot';
import { auditReportSchema, type AuditReport, type AuditRequest } from '../../shared/protocol/audit.ts';
import { commandLine } from './command-line.ts';
import { LocalFault } from '../fault.ts';
import { auditText, sumOfReports } from './audit-text.ts';
import { sinceOf } from './since.ts';

export const AUDIT_USAGE = `npm run cli -- audit [--since 24h|TIME] [--distance 60s|10m] [--profiles N]

  audit      accounts for every record of the streams, and compares a sample of profiles with what their events say;
             exit code 1 if something is not accounted for or a profile differs
  --since    only what arrived in the last 30m, 24h, 7d …, or since an ISO 8601 time (default: all that is retained)
  --distance what is younger may still be on its way: it is pending, and no gap (default: 10m)
  --profiles how many profiles are compared at most, 0 to 10000 (default: 200, others each time)
  --outputs  of a deployed stage: the file that \`cdk deploy --outputs-file\` wrote; without it the local run's`;

export type AuditCommand =
  | { readonly name: 'help' }
  | {
      readonly name: 'audit';
      readonly since?: string;
      readonly distanceMs?: number;
      readonly profiles?: number;
      readonly outputs?: string;
    };

export interface AuditCommandDependencies {
  /** Gives the deployed audit an event, and comes back with its answer. */
  readonly invoke: (event: object) => Promise<unknown>;
  /** ms since the epoch */
  readonly now: number;
  readonly say: (line: string) => void;
  /** What is of interest only while it goes on. */
  readonly note: (line: string) => void;
}

/** An answer is asked for that often, so that no connection waits for long without a word. */
const BUDGET_MS = 20_000;
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * Reads what follows `audit` on the command line.
 *
 * @throws {LocalFault} on what it does not know
 */
export function parseAuditCommand(args: readonly string[]): AuditCommand {
  const { since, distance, profiles, outputs, help } = parsed(args);
  if (help) return { name: 'help' };
  return {
    name: 'audit',
    ...(since !== undefined && { since }),
    ...(distance !== undefined && { distanceMs: distanceOf(distance) }),
    ...(profiles !== undefined && { profiles: profilesOf(profiles) }),
    ...(outputs !== undefined && { outputs }),
  };
}

function parsed(args: readonly string[]) {
  return commandLine({
    args: [...args],
    options: {
      since: { type: 'string' },
      distance: { type: 'string' },
      profiles: { type: 'string' },
      outputs: { type: 'string' },
      help: { type: 'boolean' },
    },
  }).values;
}

function distanceOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (count === undefined) throw new LocalFault(`--distance is "${text}", but it is a time like 60s or 10m`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

function profilesOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 10_000)
    throw new LocalFault(`--profiles is "${text}", but it is a number from 0 to 10000`);
  return Number(text);
}

/**
 * Has the stack audit itself, part by part until all is decided, and prints what it found.
 *
 * @returns the process's exit code
 */
export async function runAuditCommand(
  { since, distanceMs, profiles }: Extract<AuditCommand, { readonly name: 'audit' }>,
  { invoke, now, say, note }: AuditCommandDependencies,
): Promise<0 | 1> {
  const request: AuditRequest = {
    budgetMs: BUDGET_MS,
    ...(since !== undefined && { since: sinceOf(since, now) }),
    ...(distanceMs !== undefined && { distanceMs }),
    ...(profiles !== undefined && { profiles }),
  };
  const reports: AuditReport[] = [];
  for (;;) {
    const { position, until } = reports.at(-1) ?? {};
    const answer = v.safeParse(
      auditReportSchema,
      await invoke({ audit: { ...request, ...(position && { position, until }) } }),
    );
    if (!answer.success)
      throw new LocalFault('the audit answers in words of another version: deploy it, or check out its own');
    reports.push(answer.output);
    if (answer.output.isComplete) break;
    if (JSON.stringify(answer.output.position) === JSON.stringify(position))
      throw new LocalFault('the audit does not get on: it has no time to read a single record');
    note(`${reports.reduce((sum, { records }) => sum + records, 0)} records so far`);
  }
  const whole = sumOfReports(reports);
  for (const line of auditText(whole)) say(line);
  return whole.gap === 0 && whole.mismatches.length === 0 ? 0 : 1;
}
