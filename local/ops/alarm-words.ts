/** What an alarm says of itself, apart. */
export interface AlarmWords {
  /** What is wrong when it is raised. */
  readonly meaning: string;
  /** Heading of the runbook, as links spell it; absent: it names none. */
  readonly entry?: string;
}

/**
 * Takes an alarm's description apart.
 *
 * @example alarmWords('Late. What to do: docs/runbook.md#sync-lag') // { meaning: 'Late.', entry: 'sync-lag' }
 */
export function alarmWords(description: string): AlarmWords {
  const found = /^(?<meaning>.*?)\s*What to do: docs\/runbook\.md#(?<entry>[\w-]+)$/s.exec(description);
  return found?.groups
    ? { meaning: found.groups.meaning ?? '', entry: found.groups.entry ?? '' }
    : { meaning: description };
}

/** A logical id as people gave it: CDK ends it with eight digits of a hash, and repeats what stands around it. */
export function plainName(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
