import { METRICS, type Meter, type MetricName } from '../../ports/telemetry.ts';

export interface Measurement {
  readonly name: MetricName;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MemoryMeter extends Meter {
  /** Everything recorded, flushed or not. */
  readonly recorded: readonly Measurement[];
  /** What was recorded and not yet flushed; a handler leaves none. */
  readonly unflushed: readonly Measurement[];
  /** Sum of a metric's values, over the given dimensions if any are named. */
  sum(name: MetricName, dimensions?: Readonly<Record<string, string>>): number;
}

/** A meter in memory, for tests. Throws where a caller names dimensions the table does not. */
export function memoryMeter(): MemoryMeter {
  const recorded: Measurement[] = [];
  let flushed = 0;
  return {
    record(name, value, dimensions) {
      const given: Readonly<Record<string, string>> = { ...dimensions };
      const expected: readonly string[] = METRICS[name].dimensions;
      if (Object.keys(given).sort().join() !== [...expected].sort().join()) {
        throw new TypeError(
          `${name} has the dimensions [${expected.join()}], not [${Object.keys(given).join()}]`,
        );
      }
      recorded.push({ name, value, dimensions: given });
    },
    flush() {
      flushed = recorded.length;
    },
    get recorded() {
      return [...recorded];
    },
    get unflushed() {
      return recorded.slice(flushed);
    },
    sum(name, dimensions = {}) {
      const wanted = Object.entries(dimensions);
      return recorded
        .filter((one) => one.name === name && wanted.every(([key, value]) => one.dimensions[key] === value))
        .reduce((total, one) => total + one.value, 0);
    },
  };
}
