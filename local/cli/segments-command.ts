import { readAccount } from '../../shared/adapters/read-account.ts';
import type { StoredItem } from '../../shared/domain/item.ts';
import type { Json } from '../../shared/domain/json.ts';
import type { Profile } from '../../shared/domain/profile.ts';
import { compileSegments, type Segments } from '../../shared/domain/segments/compile-segments.ts';
import { describeCondition, describeDuration } from '../../shared/domain/segments/describe-condition.ts';
import { durationMs } from '../../shared/domain/segments/duration.ts';
import { truthOf, type Truth } from '../../shared/domain/segments/evaluate.ts';
import { explainMembership, type ExplainedSegment } from '../../shared/domain/segments/explain-membership.ts';
import { evidenceOf, membershipOf } from '../../shared/domain/segments/membership.ts';
import { peopleIn } from '../../shared/domain/segments/people.ts';
import type { SegmentsConfig } from '../../shared/domain/segments/segment-source.ts';
import type { SubjectKeys } from '../../shared/ports/identity.ts';
import type { ProfileStore } from '../../shared/ports/profile-store.ts';
import type { Announcement } from '../../shared/protocol/announcement.ts';
import { commandLine } from './command-line.ts';
import { LocalFault } from '../fault.ts';

export const SEGMENTS_USAGE = `npm run cli -- segments check
npm run cli -- segments explain u:USER|a:DEVICE
npm run cli -- segments preview CONDITION
npm run cli -- segments watch

  check      says each segment of store.config.ts in words, and how many are in it
  explain    says of one person what each segment asks, what the profile answers, and when that will change by itself
  preview    counts who would be in a segment with this condition, before it is deployed:
             npm run cli -- segments preview '{"orders.count":{"$gte":3}}'
  watch      tells who enters and leaves the segments that are announced, as it happens, until it is stopped
  --since    of watch: what was told so long ago is told first, e.g. 30m, 2h, 1d
  --outputs  of a deployed stage: the file that \`cdk deploy --outputs-file\` wrote; check and preview read its whole
             table, and each item costs a read; without it the local run's`;

export type SegmentsCommand =
  | { readonly name: 'help' }
  | ({ readonly outputs?: string } & (
      | { readonly name: 'check' }
      | { readonly name: 'watch'; readonly sinceMs: number }
      | { readonly name: 'explain'; readonly subject: string }
      | { readonly name: 'preview'; readonly condition: unknown }
    ));

export interface SegmentsCommandDependencies {
  /** Every item of the stage's profiles. */
  readonly items: () => AsyncIterable<StoredItem>;
  readonly store: Pick<ProfileStore, 'query'>;
  readonly subjectKeys: () => Promise<SubjectKeys>;
  readonly config: SegmentsConfig;
  /** ms since the epoch */
  readonly now: number;
  readonly say: (line: string) => void;
  /** What is told in the stage's stream of changes, from `since` (ms) on and without an end; null: there is none. */
  readonly changes: ((since: number) => AsyncIterable<Announcement>) | null;
}

/**
 * Reads what follows `segments` on the command line.
 *
 * @throws {LocalFault} on what it does not know
 */
export function parseSegmentsCommand(args: readonly string[]): SegmentsCommand {
  const { values, positionals } = parsed(args);
  const [name, argument, ...more] = positionals;
  if (values.help || name === undefined) return { name: 'help' };
  if (more.length > 0) throw new LocalFault(`"${more[0]}" is one word too many; quote a condition`);
  const outputs = values.outputs === undefined ? {} : { outputs: values.outputs };
  switch (name) {
    case 'check':
      return { name, ...outputs };
    case 'watch':
      return { name, sinceMs: sinceOf(values.since), ...outputs };
    case 'explain':
      if (argument === undefined || !/^[ua]:./.test(argument))
        throw new LocalFault('segments explain takes a person: u:USER_ID or a:ANONYMOUS_ID');
      return { name, subject: argument, ...outputs };
    case 'preview':
      return { name, condition: conditionOf(argument), ...outputs };
    default:
      throw new LocalFault(
        `there is no command "segments ${name}"; known are check, explain, preview and watch`,
      );
  }
}

function parsed(args: readonly string[]) {
  return commandLine({
    args: [...args],
    allowPositionals: true,
    options: { outputs: { type: 'string' }, since: { type: 'string' }, help: { type: 'boolean' } },
  });
}

function sinceOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = durationMs(text);
  if (ms === undefined) throw new LocalFault(`"${text}" is no duration; write one as 30m, 2h or 1d`);
  return ms;
}

function conditionOf(text: string | undefined): unknown {
  if (text === undefined) throw new LocalFault('segments preview takes a condition as JSON');
  try {
    return JSON.parse(text);
  } catch {
    throw new LocalFault(`the condition is no JSON: ${text}`);
  }
}

/** @returns the exit code: 1 if the segments are not right */
export async function runSegmentsCommand(
  command: Exclude<SegmentsCommand, { readonly name: 'help' }>,
  dependencies: SegmentsCommandDependencies,
): Promise<number> {
  const { config, say } = dependencies;
  const { segments, faults } = compileSegments(config);
  for (const { code, message } of faults) say(`${code}  ${message}`);
  if (faults.length > 0) return 1;
  switch (command.name) {
    case 'check':
      return await check(segments, dependencies);
    case 'watch':
      return await watch(command.sinceMs, dependencies);
    case 'explain':
      return await explain(command.subject, segments, dependencies);
    case 'preview':
      return await preview(command.condition, dependencies);
  }
}

async function watch(sinceMs: number, { changes, now, say }: SegmentsCommandDependencies): Promise<number> {
  if (changes === null)
    throw new LocalFault(
      'nothing is announced here: set announce: true in a segment and changes in the stage, and start or deploy it anew',
    );
  const known = new Set<string>();
  for await (const one of changes(now - sinceMs)) {
    // What could not be told for certain is told again.
    if (known.has(one.id)) continue;
    known.add(one.id);
    if (known.size > MANY_KNOWN) known.clear();
    say(
      `${one.at}  ${one.state === 'in' ? 'enters' : 'leaves'} ${one.segment}  ${one.subject}${CAUSES[one.because]}`,
    );
  }
  return 0;
}

/** Repetitions come soon after what they repeat. */
const MANY_KNOWN = 10_000;
const CAUSES: Readonly<Record<Announcement['because'], string>> = {
  events: '',
  definition: '  (the segment is announced or means something else only now)',
  link: '  (the device is part of its user now)',
};

async function check(segments: Segments, { items, now, say }: SegmentsCommandDependencies): Promise<number> {
  const people = await peopleOf(items);
  const sizes = new Map<string, number>();
  const add = (name: string): void => void sizes.set(name, (sizes.get(name) ?? 0) + 1);
  for (const person of people) {
    const { segments: ids, journeyStage } = membershipOf(person, segments, now);
    ids.forEach((id) => add(`segment ${id}`));
    add(`stage ${journeyStage}`);
  }
  say(`${people.length.toLocaleString('en')} people`);
  for (const [id, { description, condition }] of segments.named)
    say(
      `${id}  ${share(sizes.get(`segment ${id}`), people)}\n  ${description}\n  In if ${describeCondition(condition)}.`,
    );
  say('Journey, each in the first of these that holds:');
  for (const { stage, condition } of segments.journey)
    say(`${stage}  ${share(sizes.get(`stage ${stage}`), people)}\n  In if ${describeCondition(condition)}.`);
  return 0;
}

async function preview(
  condition: unknown,
  { config, items, now, say }: SegmentsCommandDependencies,
): Promise<number> {
  const when = condition as SegmentsConfig['named'][string]['when'];
  const named = { ...config.named, [PREVIEWED]: { description: '', when } };
  const { segments, faults } = compileSegments({ ...config, named });
  for (const { code, message } of faults)
    say(`${code}  ${message.replaceAll(`segments.named.${PREVIEWED}.when`, 'condition')}`);
  const previewed = segments.named.get(PREVIEWED);
  if (previewed === undefined) return 1;
  const people = await peopleOf(items);
  const truths = people.map((person) => truthOf(previewed.condition, evidenceOf(person, segments, now)));
  const count = (truth: Truth): number => truths.filter((one) => one === truth).length;
  say(`In if ${describeCondition(previewed.condition)}.`);
  say(`in              ${share(count(true), people)}`);
  say(`out             ${share(count(false), people)}`);
  say(`cannot be told  ${share(count(undefined), people)}`);
  if (count(undefined) > 0) say('What it looks back at is kept from its deployment on.');
  return 0;
}

/** A name that no segment of a shop has. */
const PREVIEWED = '(preview)';

async function explain(
  subject: string,
  segments: Segments,
  { store, subjectKeys, now, say }: SegmentsCommandDependencies,
): Promise<number> {
  const key = (await subjectKeys()).keyOf(subject);
  const items = await store.query(key, { consistent: true });
  const { profile } = await readAccount(key, items, store);
  if (!profile.exists) {
    say(`nothing is known of ${subject}: in no segment`);
    return 0;
  }
  say(`journey stage  ${membershipOf(profile, segments, now).journeyStage ?? 'none'}`);
  for (const segment of explainMembership(profile, segments, now))
    for (const line of linesOf(segment, now)) say(line);
  return 0;
}

function linesOf(
  { id, description, truth, leaves, changesAt }: ExplainedSegment,
  now: number,
): readonly string[] {
  const change =
    changesAt === undefined
      ? 'does not change by itself'
      : `${truth === true ? 'leaves' : 'enters'} by itself at ${timeText(changesAt)}, in ${aboutText(changesAt - now)}`;
  return [
    `${MARKS[`${truth}`]} ${id}  ${description}  [${change}]`,
    ...leaves.map(
      ({ asks, value, truth: answer, completeFrom }) =>
        `    ${MARKS[`${answer}`]} ${asks}: ${valueText(value)}${
          completeFrom === undefined ? '' : `, known whole only since ${timeText(completeFrom)}`
        }`,
    ),
  ];
}

/** In days, or if that is too coarse in hours or minutes; never less than it is. */
function aboutText(ms: number): string {
  const unit = ms >= 2 * 86_400_000 ? 86_400_000 : ms >= 2 * 3_600_000 ? 3_600_000 : 60_000;
  return describeDuration(Math.ceil(ms / unit) * unit);
}

const MARKS = { true: 'yes', false: 'no ', undefined: '?  ' } as const;

/** Times are told as such: nothing else in a profile is that large. */
function valueText(value: Json): string {
  if (value === null) return 'not known';
  return typeof value === 'number' && value > 1e11 ? timeText(value) : JSON.stringify(value);
}

function timeText(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'never';
}

async function peopleOf(items: SegmentsCommandDependencies['items']): Promise<readonly Profile[]> {
  const all: StoredItem[] = [];
  for await (const item of items()) all.push(item);
  return peopleIn(all);
}

function share(count = 0, { length }: { readonly length: number }): string {
  const percent = length === 0 ? 0 : (100 * count) / length;
  return `${count.toLocaleString('en')} (${percent.toFixed(1)} %)`;
}
