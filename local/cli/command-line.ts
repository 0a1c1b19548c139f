import { parseArgs, type ParseArgsConfig } from 'node:util';
import { LocalFault } from '../fault.ts';

/**
 * Node's `parseArgs`, whose complaints are shown to a person.
 *
 * @throws {LocalFault} on an option that there is not, or one without its value
 * @example const { values } = commandLine({ args, options: { since: { type: 'string' } } });
 */
export function commandLine<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new LocalFault((cause as Error).message.split('. ')[0] ?? 'the command line cannot be read');
  }
}
