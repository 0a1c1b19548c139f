/** What a client said about time, in ms; `sentAt` is its clock when it sent the request. */
export interface ClientTimes {
  readonly timestamp?: number;
  readonly sentAt?: number;
}

/**
 * Effective time = min(skew-corrected client time, receivedAt). A client whose clock is an hour ahead stamps both
 * `timestamp` and `sentAt` an hour ahead, so the difference of the two, taken from our own clock, is right
 * (Segment's rule). Nothing can happen after it was received: a future clock pins nothing. At the earliest it is 1: where facts keep
 * times, 0 is "never", and 1970 is what senders make of a time that they do not know.
 */
export function effectiveTime(times: ClientTimes, receivedAt: number): number {
  const { timestamp, sentAt } = times;
  if (timestamp === undefined) return receivedAt;
  const corrected = sentAt === undefined ? timestamp : receivedAt - (sentAt - timestamp);
  return Math.max(1, Math.min(corrected, receivedAt));
}

/** Calendar months (UTC) since year 0: ageing counts whole months, so that it never depends on a float that decays. */
export function monthOf(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** `monthText(monthOf(Date.UTC(2017, 10, 5)))` → `'2017-11'` */
export function monthText(month: number): string {
  const year = Math.floor(month / 12);
  return `${String(year).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** The inverse of {@link monthText}. */
export function parseMonth(text: string): number {
  const [year, month] = text.split('-');
  return Number(year) * 12 + Number(month) - 1;
}

/** Half for every half-life that a calendar month lies before another; a later one weighs whole. */
export function agedWeight(month: number, nowMonth: number, halfLifeMonths: number): number {
  return 0.5 ** (Math.max(0, nowMonth - month) / halfLifeMonths);
}
