import { FALLBACK_WORDS, ITEM_REASON_WORDS } from '../../decision-words.ts';
import type { DecisionAnswer, LoggedDecision } from '../decision-log.ts';
import { duration, quantity } from '../quantity.ts';
import { clockTime } from './clock-time.ts';
import { showDecision } from './decision-dialog.ts';
import { byId, element } from './element.ts';
import { fillingView } from './filling.ts';

const FEW = 6;
const HEADS = ['Time', 'Answer', 'Profile', 'Order, and why', 'Latency'] as const;

let isWhole = false;
let shown = '';
let latest: readonly LoggedDecision[] = [];

/** The last decisions, newest first: a few, or all that are known. */
export function showDecisions(decisions: readonly LoggedDecision[]): void {
  latest = decisions;
  const version = `${decisions[0]?.number ?? 0} ${isWhole}`;
  if (version === shown) return;
  shown = version;
  const focused = document.activeElement?.getAttribute('data-number');
  const more = byId('more');
  more.hidden = decisions.length <= FEW;
  more.textContent = isWhole ? 'Show fewer' : `Show all ${decisions.length}`;
  more.setAttribute('aria-expanded', String(isWhole));
  byId('decision-table').replaceChildren(
    decisions.length === 0 ? fillingView('decision') : table(decisions.slice(0, isWhole ? undefined : FEW)),
  );
  if (focused) document.querySelector<HTMLElement>(`[data-number="${focused}"]`)?.focus();
}

byId('more').addEventListener('click', () => {
  isWhole = !isWhole;
  showDecisions(latest);
});

/** Roles are spelt out: on a phone rows are laid out as blocks, and browsers forget then that it is a table. */
function table(decisions: readonly LoggedDecision[]): HTMLElement {
  return element(
    'table',
    { role: 'table' },
    element('caption', { class: 'unseen' }, 'The last decisions, newest first'),
    element(
      'thead',
      { role: 'rowgroup' },
      element(
        'tr',
        { role: 'row' },
        ...HEADS.map((head) => element('th', { role: 'columnheader', scope: 'col' }, head)),
      ),
    ),
    element('tbody', { role: 'rowgroup', id: 'decision-rows' }, ...decisions.map(row)),
  );
}

function row(decision: LoggedDecision): HTMLElement {
  const time = element(
    'button',
    {
      type: 'button',
      class: 'time',
      'data-number': decision.number,
      'aria-label': `Decision at ${clockTime(decision.at)}, show it whole`,
    },
    clockTime(decision.at),
  );
  const made = element(
    'tr',
    { role: 'row' },
    cell('Time', time),
    ...(decision.kind === 'answered'
      ? answeredCells(decision.answer, decision.at)
      : [
          cell('Answer', badge('refused', `${decision.status} ${decision.code}`)),
          cell('Profile', '–'),
          cell('Order, and why', '–'),
        ]),
    cell('Latency', quantity(decision.latencyMs, 'ms')),
  );
  made.addEventListener('click', () => showDecision(decision));
  return made;
}

function answeredCells(answer: DecisionAnswer, at: number): readonly HTMLElement[] {
  return [
    cell(
      'Answer',
      badge(answer.degraded ? 'degraded' : answer.source, answer.source),
      ...fallbackLines(answer),
      ...(answer.tokenRejected === null
        ? []
        : [element('span', { class: 'reason' }, `token: ${answer.tokenRejected}`)]),
    ),
    cell(
      'Profile',
      element('span', {}, answer.profile.level),
      ' ',
      element('small', {}, freshness(answer, at)),
    ),
    cell('Order, and why', ...slotLines(answer.slots)),
  ];
}

/** What went wrong, in words, and with what, if it was not with all. */
function fallbackLines({ slots }: DecisionAnswer): readonly HTMLElement[] {
  const all = Object.entries(slots);
  const reasons = new Set(all.flatMap(([, { fallbackReason }]) => fallbackReason ?? []));
  return [...reasons].map((reason) => {
    const names = all.flatMap(([name, { fallbackReason }]) => (fallbackReason === reason ? [name] : []));
    return element(
      'span',
      { class: 'reason', title: reason },
      `${names.length < all.length ? `${names.join(', ')}: ` : ''}${FALLBACK_WORDS[reason]}`,
    );
  });
}

type Slots = DecisionAnswer['slots'];

/** What there is to say of each slot: an order, what is offered and told, what could be filled in. */
function slotLines({ payment, shipping, offers, messages, prefill }: Slots): readonly HTMLElement[] {
  return [
    ...(payment ? [orderLine('payment', payment)] : []),
    ...(shipping ? [orderLine('shipping', shipping)] : []),
    ...itemLine('offers', offers),
    ...itemLine('messages', messages),
    ...(prefill
      ? [
          slotLine(
            'prefill',
            prefill.fields.map((field) => element('li', {}, field)),
          ),
        ]
      : []),
  ];
}

/** How long the newest event that was known took to be known, and how old it was. */
export function freshness({ lagMs, asOf }: DecisionAnswer, at: number): string {
  if (lagMs === null || asOf === null) return 'nothing was known';
  const age = at - Date.parse(asOf);
  return `newest event ${duration(Math.max(0, age))} old, known after ${quantity(lagMs, 'ms')}`;
}

function orderLine(name: string, { options, guardrails }: NonNullable<Slots['payment']>): HTMLElement {
  return slotLine(
    name,
    options.map(({ id, preselected, reasons }) =>
      element(
        'li',
        { class: reasons.every((reason) => reason === 'store-default') ? 'plain' : undefined },
        element(preselected ? 'b' : 'span', {}, id),
        ' ',
        element('small', {}, reasons.join(', ')),
      ),
    ),
    guardrails,
  );
}

function itemLine(name: string, slot: Slots['offers'] | Slots['messages']): readonly HTMLElement[] {
  if (slot === undefined || slot.items.length === 0) return [];
  const items = slot.items.map(({ id, reasons }) =>
    element(
      'li',
      {},
      element('span', {}, id),
      ' ',
      element('small', {}, reasons.map((reason) => ITEM_REASON_WORDS[reason]).join(', ')),
    ),
  );
  return [slotLine(name, items, slot.guardrails)];
}

function slotLine(
  name: string,
  items: readonly HTMLElement[],
  guardrails: readonly string[] = [],
): HTMLElement {
  return element(
    'div',
    { class: 'slot' },
    element('span', { class: 'slot-name' }, name),
    element('ol', {}, ...items),
    ...guardrails.map((guardrail) => element('span', { class: 'guardrail' }, guardrail)),
  );
}

function badge(kind: string, text: string): HTMLElement {
  return element('span', { class: `badge ${kind}` }, text);
}

function cell(head: string, ...children: readonly (Node | string)[]): HTMLElement {
  return element('td', { role: 'cell', 'data-head': head }, ...children);
}
