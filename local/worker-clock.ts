const MachineDate = Date;

/**
 * Lets `Date` of this thread show the run's time. To be called before any code of a function is loaded, which may keep it.
 *
 * @param ahead by how many ms the run's clock is ahead of the machine's, at any time
 */
export function followRunClock(ahead: Float64Array): void {
  class RunDate extends MachineDate {
    constructor(...parts: [] | ConstructorParameters<typeof MachineDate>) {
      if (parts.length === 0) super(RunDate.now());
      else super(...parts);
    }

    static override now(): number {
      return MachineDate.now() + (ahead[0] ?? 0);
    }
  }
  globalThis.Date = RunDate as DateConstructor;
}
