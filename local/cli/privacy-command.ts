import { eraseSubject, type ErasePorts } from '../../shared/adapters/erase-subject.ts';
import type { SuppressionReader } from '../../shared/ports/suppressions.ts';
import { commandLine } from './command-line.ts';
import { LocalFault } from '../fault.ts';
import { printable } from './entry-text.ts';

export const PRIVACY_USAGE = `npm run cli -- privacy export SUBJECT
npm run cli -- privacy erase SUBJECT
npm run cli -- privacy reapply

  export     prints all that is stored of a person (u:USER_ID, with their devices) or of a device (a:ANONYMOUS_ID), as JSON
  erase      erases them for good, and says what was there; asked again it completes what a failure left
  reapply    erases anew everybody who ever was erased: after the Profiles table was restored from a backup
  --outputs  of a deployed stage: the file that \`cdk deploy --outputs-file\` wrote; without it the local run's`;

export type PrivacyCommand =
  | { readonly name: 'help' }
  | ({ readonly outputs?: string } & (
      { readonly name: 'export' | 'erase'; readonly subject: string } | { readonly name: 'reapply' }
    ));

export interface PrivacyCommandDependencies {
  /** Calls the stage's API with its secret key, at a path. */
  readonly call: (method: 'GET' | 'DELETE', path: string) => Promise<{ status: number; body: unknown }>;
  readonly erasing: () => ErasePorts & { readonly suppressions: SuppressionReader };
  readonly say: (line: string) => void;
}

/**
 * Reads what follows `privacy` on the command line.
 *
 * @throws {LocalFault} on what it does not know
 */
export function parsePrivacyCommand(args: readonly string[]): PrivacyCommand {
  const { values, positionals } = parsed(args);
  const [name, subject, ...more] = positionals;
  if (values.help || name === undefined) return { name: 'help' };
  const outputs = values.outputs === undefined ? {} : { outputs: values.outputs };
  const tooMany = name === 'reapply' ? subject : more[0];
  if (tooMany !== undefined) throw new LocalFault(`"${tooMany}" is one word too many`);
  switch (name) {
    case 'export':
    case 'erase':
      if (subject === undefined || !/^[ua]:./s.test(subject))
        throw new LocalFault(`privacy ${name} takes a person: u:USER_ID or a:ANONYMOUS_ID`);
      return { name, subject, ...outputs };
    case 'reapply':
      return { name, ...outputs };
    default:
      throw new LocalFault(`there is no command "privacy ${name}"; known are export, erase and reapply`);
  }
}

function parsed(args: readonly string[]) {
  return commandLine({
    args: [...args],
    allowPositionals: true,
    options: { outputs: { type: 'string' }, help: { type: 'boolean' } },
  });
}

/** @throws {LocalFault} if the stage does not do what is asked */
export async function runPrivacyCommand(
  command: Exclude<PrivacyCommand, { readonly name: 'help' }>,
  { call, erasing, say }: PrivacyCommandDependencies,
): Promise<void> {
  if (command.name === 'reapply') {
    const ports = erasing();
    let subjects = 0;
    let items = 0;
    for await (const suppression of ports.suppressions.all()) {
      items += (await eraseSubject(suppression, ports)).items;
      subjects += 1;
    }
    say(`${subjects} subjects were erased; ${items} items that said something of them again say nothing now`);
    return;
  }
  const path = `/v1/profiles/${encodeURIComponent(command.subject)}`;
  const { status, body } =
    command.name === 'export' ? await call('GET', `${path}/export`) : await call('DELETE', path);
  if (status !== 200)
    throw new LocalFault(`the stage answers ${status}: ${printable(JSON.stringify(body))}; ask again`);
  say(printable(JSON.stringify(body, undefined, 2)));
}
