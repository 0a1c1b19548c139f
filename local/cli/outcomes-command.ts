import type { StoredItem } from '../../shared/domain/item.ts';
import { joinOutcomes, outcomeFacetsIn, OUTCOME_WINDOW_MS } from '../../shared/domain/outcomes.ts';
import { OUTCOME_GROUPS, outcomeTable, rowOf, type OutcomeGroup } from '../../shared/domain/outcome-table.ts';
import { SHOWN_SLOTS, type ShownSlot } from '../../shared/domain/shown-orders.ts';
import { commandLine } from './command-line.ts';
import { LocalFault } from '../fault.ts';
import { outcomesText } from './outcomes-text.ts';
import { sinceOf } from './since.ts';

export const OUTCOMES_USAGE = `npm run cli -- outcomes [--since 7d|TIME] [--by rung|order|day] [--slot payment|shipping] [--window 24h]

  outcomes   what became of the checkouts that were shown a decision: how many were completed, and at which place of
             the order the option stood that was chosen
  --since    only what was shown in the last 30m, 24h, 7d …, or since an ISO 8601 time (default: 7d)
  --by       a line for each rung of the ladder, for each order that was shown, or for each day (default: rung)
  --slot     whose order, payment or shipping (default: payment)
  --window   how long a checkout may take: until then it is open, from then on not completed (default: 24h)
  --outputs  of a deployed stage: the file that \`cdk deploy --outputs-file\` wrote; it reads the whole table of
             profiles, and each item costs a read; without it the local run's`;

export type OutcomesCommand =
  | { readonly name: 'help' }
  | {
      readonly name: 'outcomes';
      readonly since: string;
      readonly by: OutcomeGroup;
      readonly slot: ShownSlot;
      readonly windowMs: number;
      readonly outputs?: string;
    };

export interface OutcomesCommandDependencies {
  /** Every item of the stage's profiles. */
  readonly items: () => AsyncIterable<StoredItem>;
  /** ms since the epoch */
  readonly now: number;
  readonly say: (line: string) => void;
}

/**
 * Reads what follows `outcomes` on the command line.
 *
 * @throws {LocalFault} on what it does not know
 */
export function parseOutcomesCommand(args: readonly string[]): OutcomesCommand {
  const { since = '7d', by = 'rung', slot = 'payment', window, outputs, help } = parsed(args);
  if (help) return { name: 'help' };
  return {
    name: 'outcomes',
    since,
    by: oneOf('by', by, OUTCOME_GROUPS),
    slot: oneOf('slot', slot, SHOWN_SLOTS),
    windowMs: window === undefined ? OUTCOME_WINDOW_MS : windowOf(window),
    ...(outputs !== undefined && { outputs }),
  };
}

function parsed(args: readonly string[]) {
  return commandLine({
    args: [...args],
    options: {
      since: { type: 'string' },
      by: { type: 'string' },
      slot: { type: 'string' },
      window: { type: 'string' },
      outputs: { type: 'string' },
      help: { type: 'boolean' },
    },
  }).values;
}

function oneOf<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text);
  if (word === undefined)
    throw new LocalFault(`--${option} is "${text}", but it is one of ${words.join(', ')}`);
  return word;
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function windowOf(text: string): number {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw new LocalFault(`--window is "${text}", but it is a time like 30m, 24h or 2d`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** Prints what became of what was shown. */
export async function runOutcomesCommand(
  { since, by, slot, windowMs }: Extract<OutcomesCommand, { readonly name: 'outcomes' }>,
  { items, now, say }: OutcomesCommandDependencies,
): Promise<void> {
  const from = sinceOf(since, now);
  const { facets, unreadable } = await outcomeFacetsIn(items());
  const outcomes = joinOutcomes(facets, { now, windowMs }).filter(
    (outcome) => outcome.slot === slot && outcome.at >= from,
  );
  if (unreadable > 0) say(`${unreadable} items cannot be read and are left out`);
  if (outcomes.length === 0) {
    say(`no ${slot} order was shown since ${new Date(from).toISOString()}`);
    say('A page says what it showed with the event “Checkout Decision Shown” (docs/outcomes.md).');
    return;
  }
  for (const line of outcomesText(`${slot}, by ${by}`, [
    ...outcomeTable(outcomes, by),
    rowOf('all', outcomes),
  ]))
    say(line);
  say('');
  say(
    `Checkouts shown since ${new Date(from).toISOString()}. Open: not completed, and shown less than ${windowText(windowMs)} ago.`,
  );
  say('Places: where the option stood that a completed checkout chose; other: it was not in the order.');
  if (outcomes.some(({ rung }) => rung === 'store-default'))
    say(
      'store-default is the shop’s own order, shown without an answer: that it was shown is only what pages say.',
    );
}

function windowText(ms: number): string {
  const hours = ms / UNIT_MS.h;
  return hours >= 1 ? `${Number(hours.toFixed(1))} h` : `${ms / UNIT_MS.m} min`;
}
