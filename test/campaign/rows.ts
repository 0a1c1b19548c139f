import type { Row } from './row.ts';
import { anySchedule, streamsChange } from './rows/any-schedule.ts';
import { clocks } from './rows/clocks.ts';
import { decisions } from './rows/decisions.ts';
import { erasingsRow } from './rows/erasings.ts';
import { hotSubject } from './rows/hot-subject.ts';
import { linksRow } from './rows/links.ts';
import { outcomesRow } from './rows/outcomes.ts';
import { membershipsRow } from './rows/memberships.ts';
import { outage } from './rows/outage.ts';
import { poisonRow } from './rows/poison.ts';
import { realEventsRow } from './rows/real-events.ts';
import { stackDecisions } from './rows/stack-decisions.ts';
import { volume } from './rows/volume.ts';
import { wireCollector } from './rows/wire-collector.ts';
import { wireFold } from './rows/wire-fold.ts';

/** Rows that need nothing but this process. */
export const MEMORY_ROWS: readonly Row[] = [
  realEventsRow,
  anySchedule,
  streamsChange,
  poisonRow,
  clocks,
  linksRow,
  erasingsRow,
  outcomesRow,
  membershipsRow,
  hotSubject,
  outage,
  volume,
  decisions,
];
/** Rows that start an emulator and a proxy before it. */
export const WIRE_ROWS: readonly Row[] = [wireFold, wireCollector];

/** Rows that start the local run. */
export const STACK_ROWS: readonly Row[] = [stackDecisions];

export const ROWS: readonly Row[] = [...MEMORY_ROWS, ...WIRE_ROWS, ...STACK_ROWS];
