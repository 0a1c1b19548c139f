import { parseQuarantineCommand, QUARANTINE_USAGE, runQuarantineCommand } from './cli/quarantine-command.ts';
import { LocalFault } from './fault.ts';
import { localNames, namesOfOutputs } from './stack-names.ts';
import { stackParts } from './stack-parts.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

async function cli([topic, ...args]: readonly string[]): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (topic === undefined || topic === '--help') return say(QUARANTINE_USAGE);
  if (topic !== 'quarantine') throw new LocalFault(`there is no command "${topic}"; known is quarantine`);

  const command = parseQuarantineCommand(args);
  if (command.name === 'help') return say(QUARANTINE_USAGE);
  const names = command.outputs === undefined ? localNames() : namesOfOutputs(command.outputs);
  if (names === null)
    throw new LocalFault(
      'nothing runs here: start it with npm start, or say --outputs FILE of a deployed stage',
    );
  await runQuarantineCommand(command, { ...stackParts(names), now: Date.now(), say });
}

try {
  await cli(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
