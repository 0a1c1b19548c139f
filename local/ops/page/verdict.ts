import type { AlarmStatus } from '../../alarm-watch.ts';
import { alarmWords, plainName } from '../alarm-words.ts';
import type { OpsState } from '../ops-state.ts';
import { duration, quantity } from '../quantity.ts';
import { STATE_WORDS } from './alarm-state.ts';
import { clockTime } from './clock-time.ts';
import { byId, element } from './element.ts';

const MAX_CHANGES = 24;

/** The first look: is all well, and if not, what is wrong since when, and where it is written what to do. */
export function showVerdict(state: OpsState): void {
  const raised = inOrder(state).filter((alarm) => alarm.state === 'ALARM');
  const pages = raised.some(({ kind }) => kind === 'composite');
  const behind = raised.filter(({ kind }) => kind !== 'composite').length;
  const alarms = `${behind} ${behind === 1 ? 'alarm' : 'alarms'} raised`;
  const words = raised.length === 0 ? 'All well' : pages ? `Paging: ${alarms}` : `${alarms}, none pages`;
  const level = raised.length === 0 ? 'well' : pages ? 'bad' : 'worry';
  const verdict = byId('verdict');
  // Screen readers hear what is put here: only what is new.
  if (verdict.textContent !== words) verdict.replaceChildren(element('strong', {}, words));
  document.documentElement.dataset.level = level;
  document.title = `${raised.length === 0 ? '✓' : '▲'} ${words} · Cartwright`;
  byId('raised').replaceChildren(...raised.map((alarm) => raisedItem(alarm, state.now)));
  showFacts(state);
  showChanges(state.alarms);
}

/** Composite alarms first, then as the dashboard has them: in the order in which they matter to shoppers. */
function inOrder({ alarms, widgets }: OpsState): readonly AlarmStatus[] {
  const listed = widgets.flatMap((widget) => (widget.type === 'alarm' ? widget.alarms : []));
  const place = ({ kind, physicalName }: AlarmStatus): number => {
    if (kind === 'composite') return -1;
    const index = listed.indexOf(physicalName);
    return index < 0 ? listed.length : index;
  };
  return [...alarms].sort((a, b) => place(a) - place(b));
}

function raisedItem({ name, kind, description, since }: AlarmStatus, now: number): HTMLElement {
  const { meaning, entry } = alarmWords(description);
  return element(
    'li',
    { class: kind },
    element(
      'div',
      {},
      element('b', {}, plainName(name)),
      element('small', {}, ` for ${duration(now - since)}, since ${clockTime(since)}`),
    ),
    element('p', {}, meaning),
    ...(entry === undefined ? [] : [element('a', { href: `/ops/runbook#${entry}` }, 'What to do')]),
  );
}

function showFacts({ decisions, sources, glance, now }: OpsState): void {
  const [newest] = decisions;
  const answered = decisions.flatMap((one) => (one.kind === 'answered' ? [one.answer] : []));
  const personal = answered.filter(({ source }) => source === 'personalized').length;
  const fallen = answered.filter(({ slots }) =>
    Object.values(slots).some((slot) => slot.fallbackReason !== null),
  ).length;
  const behind = sources.filter(({ pending }) => pending > 0);
  const lags = Object.entries(glance.lagMs).map(([lane, lagMs]) => `${lane} ${quantity(lagMs, 'ms')}`);
  const facts: readonly (readonly [string, string, boolean])[] = [
    [
      'Last decision',
      newest
        ? `${duration(Math.max(0, now - newest.at))} ago, in ${quantity(newest.latencyMs, 'ms')}`
        : 'none yet',
      false,
    ],
    [
      `Of the last ${answered.length === 1 ? 'one' : answered.length}`,
      answered.length > 0 ? `${personal} personalized, ${fallen} fell back` : '–',
      fallen > 0,
    ],
    [
      'Streams',
      behind.length === 0
        ? 'all caught up'
        : `${behind.reduce((sum, { pending }) => sum + pending, 0)} records waiting, the oldest for ${duration(Math.max(...behind.map(({ lagMs }) => lagMs)))}`,
      behind.some(({ lagMs }) => lagMs > 10_000),
    ],
    [
      'Profiles follow within',
      lags.length === 0 ? '– (nothing written lately)' : `${lags.join(', ')} (p99)`,
      false,
    ],
    [
      'Lost',
      glance.gap === undefined
        ? 'not audited yet'
        : glance.gap === 0
          ? 'nothing, says the audit'
          : `${quantity(glance.gap)} records are not accounted for`,
      (glance.gap ?? 0) > 0,
    ],
  ];
  byId('facts').replaceChildren(
    ...facts
      .filter(([name]) => name !== 'Of the last 0')
      .map(([name, value, isBad]) =>
        element(
          'div',
          { class: isBad ? 'off' : undefined },
          element('dt', {}, name),
          element('dd', {}, value),
        ),
      ),
  );
}

function showChanges(alarms: readonly AlarmStatus[]): void {
  const changes = alarms
    .flatMap(({ name, history }) =>
      history.map(({ state, at }, index) => ({ name, state, at, before: history[index - 1]?.state })),
    )
    // That there is data at last is no news.
    .filter(({ state, before }) => state === 'ALARM' || before === 'ALARM')
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_CHANGES);
  byId('changes').replaceChildren(
    changes.length === 0
      ? element('p', { class: 'quiet' }, 'No alarm was raised since the start of this run.')
      : element(
          'ol',
          {},
          ...changes.map(({ name, state, at }) =>
            element(
              'li',
              { class: `state-${state.toLowerCase()}` },
              element('time', { datetime: new Date(at).toISOString() }, clockTime(at)),
              ' ',
              element('b', {}, state === 'ALARM' ? STATE_WORDS.ALARM : 'Over'),
              ` ${plainName(name)}`,
            ),
          ),
        ),
  );
}
