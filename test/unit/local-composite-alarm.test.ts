import type { AlarmState } from '../../local/alarm.ts';
import { parseAlarmRule } from '../../local/composite-alarm.ts';

const names = new Set(['a', 'b', 'c', 'd']);
/** Of the alarms a to d, those in the text are raised. */
const isRaised = (rule: string, raised: string): boolean => {
  const states: Readonly<Record<string, AlarmState>> = {
    ...Object.fromEntries([...names].map((name) => [name, 'OK' as const])),
    ...Object.fromEntries(raised.split('').map((name) => [name, 'ALARM' as const])),
  };
  return parseAlarmRule(rule, names)((name) => states[name]);
};
const arn = (name: string) => `"arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${name}"`;

describe('a composite alarm', () => {
  const pairs = `((ALARM(${arn('a')}) AND ALARM(${arn('b')})) OR ALARM(${arn('c')}))`;

  it.each([
    ['', false],
    ['a', false],
    ['b', false],
    ['ab', true],
    ['c', true],
    ['d', false],
  ])('with %j raised, a pair or a third: %s', (raised, expected) => {
    expect(isRaised(pairs, raised)).toBe(expected);
  });

  it('binds AND more closely than OR, and takes names as well as ARNs', () => {
    const rule = 'ALARM("a") OR ALARM("b") AND ALARM(c)';
    expect([isRaised(rule, 'a'), isRaised(rule, 'b'), isRaised(rule, 'bc')]).toEqual([true, false, true]);
  });

  it('is not raised by an alarm that lacks data', () => {
    expect(parseAlarmRule('ALARM("a")', names)(() => 'INSUFFICIENT_DATA')).toBe(false);
  });

  it.each([
    ['NOT ALARM("a")', 'NOT'],
    ['OK("a")', 'OK'],
    ['TRUE', 'TRUE'],
    ['ALARM("a") ALARM("b")', 'ALARM'],
    ['(ALARM("a")', 'the end'],
    ['ALARM("typo")', 'the alarm typo, which there is not,'],
  ])('%s is refused, naming %s', (rule, what) => {
    expect(() => parseAlarmRule(rule, names)).toThrow(
      `The rule of a composite alarm has ${what}, which the local run does not honour: ${rule}`,
    );
  });
});
