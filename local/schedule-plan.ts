import { functionNameIn } from './function-name.ts';
import { readProperties } from './read-properties.ts';
import { RuleProperties } from './resource-properties.ts';
import type { Resource } from './stacks.ts';

/** A function that is to be invoked again and again. */
export interface SchedulePlan {
  /** Logical id of the rule. */
  readonly id: string;
  /** Physical name of the rule. */
  readonly ruleName: string;
  readonly everyMs: number;
  readonly functionName: string;
  /** What the function is given, where it is not the event that EventBridge makes. */
  readonly input?: object;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * What a rule asks for, by target. A rule that is switched off asks for nothing.
 *
 * @throws {LocalFault} if it says something which cannot be honoured
 */
export function planSchedule(resource: Resource): readonly SchedulePlan[] {
  const { ScheduleExpression, State, Targets } = readProperties(RuleProperties, resource);
  if (State === 'DISABLED') return [];
  const [, count = '', unit] = /^rate\((\d+) (minute|hour|day)/.exec(ScheduleExpression) ?? [];
  return Targets.map(({ Arn, Input }) => ({
    id: resource.id,
    ruleName: resource.name(),
    everyMs: Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS],
    functionName: functionNameIn(Arn),
    ...(Input !== undefined && { input: JSON.parse(Input) as object }),
  }));
}
