import { pureRow, type Row } from '../row.ts';
import { tryErasing } from './erasing.ts';

export const erasingsRow: Row = pureRow({
  name: 'erasings',
  input:
    'people who live on their devices, alone or sharing them; users and devices are erased, once or again, cut off and begun anew, re-applied; and come back; with faults like those of “any schedule”',
  holds:
    'erased stays erased, item by item; what came since is whole; a device is its user’s, or shared, as the events have it: counterexamples 0',
  aim: { atLeast: 100_000, of: 'schedules' },
  runs: { short: 150, long: 100_000 },
  run: (seed) => tryErasing(2 * seed),
});
