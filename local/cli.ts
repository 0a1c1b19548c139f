import { AUDIT_USAGE, parseAuditCommand, runAuditCommand } from './cli/audit-command.ts';
import { functionInvoker } from './cli/invoke-function.ts';
import { OUTCOMES_USAGE, parseOutcomesCommand, runOutcomesCommand } from './cli/outcomes-command.ts';
import { parseQuarantineCommand, QUARANTINE_USAGE, runQuarantineCommand } from './cli/quarantine-command.ts';
import { parseSegmentsCommand, runSegmentsCommand, SEGMENTS_USAGE } from './cli/segments-command.ts';
import { LocalFault } from './fault.ts';
import { localNames, namesOfOutputs, type StackNames } from './stack-names.ts';
import { stackParts } from './stack-parts.ts';
import { store as config } from '../store.config.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** @returns the exit code */
async function cli([topic, ...args]: readonly string[]): Promise<number> {
  switch (topic) {
    case undefined:
    case '--help':
      say(`${QUARANTINE_USAGE}\n\n${AUDIT_USAGE}\n\n${SEGMENTS_USAGE}\n\n${OUTCOMES_USAGE}`);
      return 0;
    case 'quarantine':
      return await quarantine(args);
    case 'audit':
      return await audit(args);
    case 'segments':
      return await segments(args);
    case 'outcomes':
      return await outcomes(args);
    default:
      throw new LocalFault(
        `there is no command "${topic}"; known are quarantine, audit, segments and outcomes`,
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

async function outcomes(args: readonly string[]): Promise<number> {
  const command = parseOutcomesCommand(args);
  if (command.name === 'help') say(OUTCOMES_USAGE);
  else await runOutcomesCommand(command, { ...stackParts(namesFor(command)), now: Date.now(), say });
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
