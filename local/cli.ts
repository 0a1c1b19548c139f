import { AUDIT_USAGE, parseAuditCommand, runAuditCommand } from './cli/audit-command.ts';
import {
  DECIDE_USAGE,
  parseDecideCommand,
  runDecideCommand,
  type DecideCommand,
} from './cli/decide-command.ts';
import { functionInvoker } from './cli/invoke-function.ts';
import { OUTCOMES_USAGE, parseOutcomesCommand, runOutcomesCommand } from './cli/outcomes-command.ts';
import { parsePrivacyCommand, PRIVACY_USAGE, runPrivacyCommand } from './cli/privacy-command.ts';
import { parseQuarantineCommand, QUARANTINE_USAGE, runQuarantineCommand } from './cli/quarantine-command.ts';
import { parseSegmentsCommand, runSegmentsCommand, SEGMENTS_USAGE } from './cli/segments-command.ts';
import { LocalFault } from './fault.ts';
import { localNames, namesOfOutputs, type StackNames } from './stack-names.ts';
import { stackParts } from './stack-parts.ts';
import { systemClock } from '../shared/adapters/system-clock.ts';
import { store as config } from '../store.config.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** @returns the exit code */
async function cli([topic, ...args]: readonly string[]): Promise<number> {
  switch (topic) {
    case undefined:
    case '--help':
      say(
        [QUARANTINE_USAGE, AUDIT_USAGE, SEGMENTS_USAGE, DECIDE_USAGE, OUTCOMES_USAGE, PRIVACY_USAGE].join(
          '\n\n',
        ),
      );
      return 0;
    case 'quarantine':
      return await quarantine(args);
    case 'audit':
      return await audit(args);
    case 'segments':
      return await segments(args);
    case 'decide':
      return await decide(args);
    case 'outcomes':
      return await outcomes(args);
    case 'privacy':
      return await privacy(args);
    default:
      throw new LocalFault(
        `there is no command "${topic}"; known are quarantine, audit, segments, decide, outcomes and privacy`,
      );
  }
}

async function quarantine(args: readonly string[]): Promise<number> {
  const command = parseQuarantineCommand(args);
  if (command.name === 'help') say(QUARANTINE_USAGE);
  else await runQuarantineCommand(command, { ...stackParts(namesFor(command)), now: Date.now(), say });
  return 0;
}

async function segments(args: readonly string[]): Promise<number> {
  const command = parseSegmentsCommand(args);
  if (command.name === 'help') {
    say(SEGMENTS_USAGE);
    return 0;
  }
  const parts = stackParts(namesFor(command));
  return await runSegmentsCommand(command, { ...parts, config: config.segments, now: Date.now(), say });
}

async function decide(args: readonly string[]): Promise<number> {
  const command = parseDecideCommand(args);
  if (command.name === 'help') {
    say(DECIDE_USAGE);
    return 0;
  }
  const { url, key } = await apiFor(command);
  await runDecideCommand(command, {
    post: (body) => postJson(`${url.replace(/\/+$/, '')}/v1/decisions`, key, body),
    config,
    now: Date.now(),
    say,
  });
  return 0;
}

/** Where to ask and with which secret key; a key is never taken from the command line, which others can list. */
async function apiFor(
  command: Exclude<DecideCommand, { readonly name: 'help' }>,
): Promise<{ readonly url: string; readonly key: string }> {
  if (command.url !== undefined) {
    const key = process.env.CARTWRIGHT_SECRET_KEY;
    if (key === undefined) throw new LocalFault('--url needs the secret key in CARTWRIGHT_SECRET_KEY');
    return { url: command.url, key };
  }
  const names = namesFor(command);
  const url = names.api ?? names.apiUrl;
  if (url === undefined)
    throw new LocalFault('the stack does not say where its API is: deploy or start it anew');
  return { url, key: await stackParts(names).secretKey() };
}

async function postJson(url: string, key: string, body: object) {
  const reply = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new LocalFault(`nobody answers at ${url}`, { cause });
  });
  return { status: reply.status, body: await reply.json().catch(() => null) };
}

async function outcomes(args: readonly string[]): Promise<number> {
  const command = parseOutcomesCommand(args);
  if (command.name === 'help') say(OUTCOMES_USAGE);
  else await runOutcomesCommand(command, { ...stackParts(namesFor(command)), now: Date.now(), say });
  return 0;
}

async function privacy(args: readonly string[]): Promise<number> {
  const command = parsePrivacyCommand(args);
  if (command.name === 'help') {
    say(PRIVACY_USAGE);
    return 0;
  }
  const names = namesFor(command);
  const { store, suppressions, secretKey } = stackParts(names);
  const url = (names.api ?? names.apiUrl)?.replace(/\/$/, '');
  await runPrivacyCommand(command, {
    async call(method, path) {
      if (url === undefined)
        throw new LocalFault('the stack does not say where its API is: deploy or start it anew');
      const authorization = `Basic ${Buffer.from(`${await secretKey()}:`).toString('base64')}`;
      const reply = await fetch(`${url}${path}`, { method, headers: { authorization } });
      return { status: reply.status, body: await reply.json() };
    },
    erasing: () => ({ store, suppressions: suppressions(), clock: systemClock }),
    say,
  });
  return 0;
}

async function audit(args: readonly string[]): Promise<number> {
  const command = parseAuditCommand(args);
  if (command.name === 'help') {
    say(AUDIT_USAGE);
    return 0;
  }
  const names = namesFor(command);
  const { auditFunction } = names;
  if (auditFunction === undefined)
    throw new LocalFault('the stack does not say what its audit is called: deploy or start it anew');
  const call = functionInvoker(names);
  return await runAuditCommand(command, {
    invoke: (event) => call(auditFunction, event),
    now: Date.now(),
    say,
    note,
  });
}

function namesFor({ outputs }: { readonly outputs?: string }): StackNames {
  const names = outputs === undefined ? localNames() : namesOfOutputs(outputs);
  if (names === null)
    throw new LocalFault(
      'nothing runs here: start it with npm start, or say --outputs FILE of a deployed stage',
    );
  return names;
}

try {
  process.exitCode = await cli(process.argv.slice(2));
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
