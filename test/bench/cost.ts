/**
 * What a stage costs: `npm run cost` prints every line, `npm run cost -- --write` also brings README up to date.
 */
import { writeFileSync } from 'node:fs';
import { costReport, README, readmeWithCosts } from './cost/cost-page.ts';
import { stageCosts } from './cost/stage-cost.ts';

const costs = await stageCosts();
console.log(costReport(costs));
if (process.argv.includes('--write')) writeFileSync(README, await readmeWithCosts(costs));
