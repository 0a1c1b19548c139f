/** Time comes in from outside, so that tests own it. */
export interface Clock {
  /** ms since the epoch */
  now(): number;
}
