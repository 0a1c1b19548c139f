import type { AlarmStatus } from '../../alarm-watch.ts';

export const STATE_WORDS: Readonly<Record<AlarmStatus['state'], string>> = {
  ALARM: 'Raised',
  OK: 'OK',
  INSUFFICIENT_DATA: 'No data',
};
