/**
 * Every metric there is: its unit and the dimensions it carries beside `service`. Functions can emit no other,
 * and widgets and alarms are built from the same table. Namespace `Cartwright`.
 */
export const METRIC_NAMESPACE = 'Cartwright';

export const METRICS = {
  /** `receivedAt` of an event until the write that shows it, the oldest event of each write. */
  SyncLag: { unit: 'Milliseconds', dimensions: ['Lane'] },
  EventsAccepted: { unit: 'Count', dimensions: ['Lane'] },
  EventsRejected: { unit: 'Count', dimensions: [] },
  EventsApplied: { unit: 'Count', dimensions: ['Lane'] },
  EventsDeduplicated: { unit: 'Count', dimensions: ['Lane'] },
  /** Events of people who were erased since: they change nothing. */
  EventsSuppressed: { unit: 'Count', dimensions: ['Lane'] },
  EventsQuarantined: { unit: 'Count', dimensions: ['Lane'] },
  /** `track` events whose name the table does not know; which names, profiles say (a public name is no dimension). */
  UnknownEvents: { unit: 'Count', dimensions: [] },
  FacetWrites: { unit: 'Count', dimensions: ['Lane'] },
  /** Copies of silent devices written beside their users. */
  DevicesAbsorbed: { unit: 'Count', dimensions: [] },
  /** Cells of regional counts written. */
  RegionWrites: { unit: 'Count', dimensions: [] },
  /** Records of the streams that are not accounted for, all that are known at the end of an audit: 0 is said too. */
  ReconciliationGap: { unit: 'Count', dimensions: [] },
  RecordsAudited: { unit: 'Count', dimensions: [] },
  /** Subjects whose profile was computed anew from the streams and compared, wholly or in its money. */
  ProfilesAudited: { unit: 'Count', dimensions: [] },
  ProfileMismatches: { unit: 'Count', dimensions: [] },
  /** Age of the oldest record that no audit may have decided yet. */
  AuditLag: { unit: 'Milliseconds', dimensions: [] },
  /**
   * Each 1 if the decision stands on that rung of the ladder, else 0: the average is the rung's share, the number of
   * samples that of all decisions.
   */
  PersonalizedDecisions: { unit: 'Count', dimensions: [] },
  PartialDecisions: { unit: 'Count', dimensions: [] },
  RegionalDecisions: { unit: 'Count', dimensions: [] },
  DefaultDecisions: { unit: 'Count', dimensions: [] },
  /** 1 if a decision that named somebody fell back because something was unwell, else 0: its average is the fallback rate. */
  Fallback: { unit: 'Count', dimensions: [] },
  FallbackReason: { unit: 'Count', dimensions: ['Reason'] },
  /** Orders of a slot that pages said they showed, by the rung they stood on. */
  DecisionsShown: { unit: 'Count', dimensions: ['Rung', 'Slot'] },
  /** Completed checkouts of those, and the place from 1 of what was chosen. */
  CheckoutsCompleted: { unit: 'Count', dimensions: ['Rung', 'Slot'] },
  ChosenRank: { unit: 'Count', dimensions: ['Rung', 'Slot'] },
  /**
   * 1 if a decision that named somebody showed nothing of them since they have not agreed to it, else 0: no fallback, but
   * what was asked for.
   */
  ConsentWithheld: { unit: 'Count', dimensions: [] },
  /** From the handler's entry to its answer, of a function that is warm … */
  DecisionLatency: { unit: 'Milliseconds', dimensions: [] },
  /** … and of the first decision of each running function. */
  FirstDecisionLatency: { unit: 'Milliseconds', dimensions: [] },
  /** Running functions started; those that provisioned concurrency starts ahead of time make nobody wait. */
  ColdStarts: { unit: 'Count', dimensions: ['Function'] },
} as const satisfies Record<
  string,
  { readonly unit: 'Count' | 'Milliseconds'; readonly dimensions: readonly string[] }
>;

export type MetricName = keyof typeof METRICS;
export type MetricDimensions<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['dimensions'][number], string>
>;

export interface Meter {
  /** Adds one value; call {@link flush} once at the end of an invocation. */
  record<Name extends MetricName>(name: Name, value: number, dimensions: MetricDimensions<Name>): void;
  flush(): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * Structured logs. No personal data: ids, e-mails, tokens and payloads never go in; keys (HMACs) and codes may. A line
 * about one request or event names it: `correlation_id` (the sender's trace-id, or else the request's own id).
 */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields, cause?: unknown): void;
  error(message: string, fields?: LogFields, cause?: unknown): void;
  /**
   * One line at info level about what happened under a correlation id, `correlation_id` in it, if the stage writes
   * that id: so one event can be followed through all functions, and a million cost little.
   */
  trace(correlationId: string, message: string, fields?: LogFields): void;
}
