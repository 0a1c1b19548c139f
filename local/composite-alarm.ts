import type { AlarmState } from './alarm.ts';
import { LocalFault } from './fault.ts';

/** A composite alarm: raised while its rule over other alarms is true. */
export interface CompositeRule {
  /** Logical id. */
  readonly alarm: string;
  readonly name: string;
  readonly description: string;
  /** Somebody is told when it is raised and when it is over. */
  readonly pages: boolean;
  readonly isRaised: (stateOf: StateOf) => boolean;
}

/** @param name physical, of any other alarm */
export type StateOf = (name: string) => AlarmState | undefined;

/**
 * Reads the rule of a composite alarm: `ALARM("arn or name")`, `AND`, `OR` (which binds less) and brackets, which is what the
 * stack uses.
 *
 * @param names physical names of the alarms there are
 * @throws {LocalFault} naming what is not honoured, or an alarm that there is not
 */
export function parseAlarmRule(rule: string, names: ReadonlySet<string>): CompositeRule['isRaised'] {
  const tokens = rule.match(/"[^"]*"|\w+|\S/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? 'the end';
  const refuse = (what: string): never => {
    throw new LocalFault(
      `The rule of a composite alarm has ${what}, which the local run does not honour: ${rule}`,
    );
  };
  const expect = (wanted: string): void => {
    const token = next();
    if (token !== wanted) refuse(token);
  };

  const any = (): CompositeRule['isRaised'] => {
    const rules = [all()];
    while (tokens[at] === 'OR' && next()) rules.push(all());
    return (stateOf) => rules.some((isTrue) => isTrue(stateOf));
  };
  const all = (): CompositeRule['isRaised'] => {
    const rules = [one()];
    while (tokens[at] === 'AND' && next()) rules.push(one());
    return (stateOf) => rules.every((isTrue) => isTrue(stateOf));
  };
  const one = (): CompositeRule['isRaised'] => {
    const token = next();
    if (token === '(') {
      const inner = any();
      expect(')');
      return inner;
    }
    if (token !== 'ALARM') return refuse(token);
    expect('(');
    const name = alarmNameIn(next());
    if (!names.has(name)) refuse(`the alarm ${name}, which there is not,`);
    expect(')');
    return (stateOf) => stateOf(name) === 'ALARM';
  };

  const isRaised = any();
  if (at < tokens.length) refuse(next());
  return isRaised;
}

/** Takes a name or an ARN, in quotes or not. */
export function alarmNameIn(reference: string): string {
  return reference.replaceAll('"', '').replace(/^arn:.*:alarm:/, '');
}
