/** @example clockTime(0) // '00:00:00', where the clocks show UTC */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
