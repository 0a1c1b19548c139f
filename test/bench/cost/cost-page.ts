import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../../e2e/local-stack.ts';
import { type CostLine, PRICES, PRICES_AS_OF, PRICES_REGION, usdOf } from '../../../infra/price-table.ts';
import { BUSY_EVENTS_A_REQUEST, type StageCost } from './stage-cost.ts';
import { ASSUMED } from './usage-cost.ts';

export const README = join(ROOT, 'README.md');
const [START, END] = ['<!-- cost -->', '<!-- end of cost -->'];

/** Every line of what the stages cost, with the units it was computed from. */
export function costReport(costs: readonly StageCost[]): string {
  const parts = costs.flatMap(({ stage, fixed, metrics, quietEvents, busyEvents, decisions }) => [
    table(`${stage}: a month, idle`, fixed),
    table(`${stage}: beside it, a month in which every metric has values`, metrics),
    table(`${stage}: 1 million events, each alone`, quietEvents),
    table(
      `${stage}: 1 million events, ${BUSY_EVENTS_A_REQUEST} a request, folded in full batches`,
      busyEvents,
    ),
    table(`${stage}: 1 million decisions`, decisions),
  ]);
  const assumed = Object.entries(ASSUMED).map(([name, value]) => `${name} ${value}`);
  return [
    ...parts,
    `List prices of ${PRICES_REGION} as of ${PRICES_AS_OF}, check before you budget; free allowances of the account ` +
      `not deducted. Not in it: what is stored (tables, backups, logs, quarantine), KMS requests, VPCs of your own.\n` +
      `Reads, writes and bytes are counted on the shipped events; assumed, not counted: ${assumed.join(', ')}.`,
  ].join('\n\n');
}

function table(title: string, lines: readonly CostLine[]): string {
  const charged = lines.filter(({ units }) => units > 0);
  const rows = charged.map(({ what, price, units }) => {
    const usd = usdOf([{ what, price, units }]).toFixed(2).padStart(9);
    return `${usd}  ${what}: ${count(units)} × ${PRICES[price].unit}`;
  });
  return [`${title}  (USD)`, ...rows, `${usdOf(lines).toFixed(2).padStart(9)}  in all`].join('\n');
}

function count(units: number): string {
  return units.toLocaleString('en-US', { maximumFractionDigits: units < 100 ? 2 : 0 });
}

/** README with its section on cost as these costs make it. */
export async function readmeWithCosts(costs: readonly StageCost[]): Promise<string> {
  const readme = readFileSync(README, 'utf8');
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`README has no place for costs: ${START} … ${END}`);
  const next = `${readme.slice(0, from)}${START}\n\n${section(costs)}\n\n${readme.slice(to)}`;
  return format(next, { ...(await resolveConfig(README)), parser: 'markdown' });
}

function section(costs: readonly StageCost[]): string {
  const row = (title: string, linesOf: (cost: StageCost) => string): string =>
    `| ${title} | ${costs.map(linesOf).join(' | ')} |`;
  const usd = (lines: readonly CostLine[]): string => `$${usdOf(lines).toFixed(2)}`;
  return [
    [
      `| | ${costs.map(({ stage }) => `\`${stage}\``).join(' | ')} |`,
      `|---|${costs.map(() => '---:').join('|')}|`,
      row('**a month, idle**', ({ fixed }) => `**${usd(fixed)}**`),
      row('beside it, a month with traffic: custom metrics', ({ metrics }) => usd(metrics)),
      row('1 million events', ({ busyEvents, quietEvents }) => `${usd(busyEvents)} to ${usd(quietEvents)}`),
      row('1 million decisions', ({ decisions }) => usd(decisions)),
    ].join('\n'),
    `US dollars, list prices of ${PRICES_REGION} as of ${PRICES_AS_OF}: check before you budget. \`npm run cost\` computes them from the ` +
      `templates and from requests and units counted on the shipped events, and prints every line with its assumptions (how long functions ` +
      `run is assumed). The first price of events is for ${BUSY_EVENTS_A_REQUEST} a request, folded in full batches, the second for events ` +
      'that come one by one. What is stored, backups included, comes on top.',
  ].join('\n\n');
}
