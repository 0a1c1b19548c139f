import type { Answer } from '../../sdk/index.ts';
import type { Answered } from './cartwright-link.ts';
import {
  fallbackInWords,
  guardrailInWords,
  inWords,
  reasonInWords,
  RUNGS,
  shortfallInWords,
  sinceInWords,
} from './decision-words.ts';
import { h, on, picture } from './element.ts';
import { faultsPanel } from './faults-panel.ts';

type OptionsSlot = NonNullable<Answer['slots']['payment']>;

export interface DrawerSources {
  readonly title: string;
  /** The last answer of this page load. */
  readonly last: () => (Answered & { readonly at: number }) | undefined;
  /** Who asks, and whether it may be known. */
  readonly shopper: () => {
    readonly customer: string | undefined;
    readonly anonymousId: string | undefined;
    readonly isSdkThere: boolean;
    readonly consent: 'refused by the browser' | 'not given yet' | 'not given' | 'given';
  };
}

export interface Drawer {
  readonly element: HTMLElement;
  /** There is something new to show. */
  draw(): void;
}

/** For whoever builds a shop: what the last decision was and why, in English, and switches that break things. */
export function drawer(sources: DrawerSources): Drawer {
  const decision = h('div', { class: 'decision', 'aria-live': 'polite' });
  const close = h('button', { type: 'button', class: 'plain', 'aria-label': 'Close' }, '✕');
  const panel = h(
    'aside',
    {
      id: 'drawer',
      class: 'drawer',
      lang: 'en',
      dir: 'ltr',
      'aria-labelledby': 'drawer-heading',
      hidden: true,
    },
    h('header', {}, h('h2', { id: 'drawer-heading', tabindex: -1 }, 'Behind the scenes'), close),
    decision,
    faultsPanel(),
    h('p', { class: 'quiet' }, h('a', { href: '/ops', target: '_blank' }, 'What an operator sees')),
  );
  const opener = h(
    'button',
    { type: 'button', class: 'opener', 'aria-expanded': 'false', 'aria-controls': 'drawer' },
    picture('behind', '', 24, 24),
    h('span', {}, sources.title),
  );
  const draw = (): void => {
    if (!panel.hidden) decision.replaceChildren(...decisionParts(sources));
  };
  const open = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    opener.setAttribute('aria-expanded', String(isOpen));
    draw();
    if (isOpen) panel.querySelector<HTMLElement>('h2')?.focus();
    else opener.focus();
  };
  on(opener, { click: () => open(panel.hidden === true) });
  on(close, { click: () => open(false) });
  on(panel, {
    keydown: ({ key }) => {
      if (key === 'Escape') open(false);
    },
  });
  return { element: h('div', { class: 'behind' }, opener, panel), draw };
}

function decisionParts({ last, shopper }: DrawerSources): readonly HTMLElement[] {
  const { customer, anonymousId, isSdkThere, consent } = shopper();
  const who: Facts = [
    ['Shopper', customer === undefined ? 'a guest' : `${customer}, signed in`],
    ['Device', anonymousId === undefined ? 'unknown' : `${anonymousId.slice(0, 8)}…`],
    ['Personalization', consent],
  ];
  if (!isSdkThere)
    return [
      h('p', { class: 'lead' }, 'The SDK is blocked. The shop goes on in its own order.'),
      ladder('store-default'),
      facts(who),
    ];
  const answered = last();
  if (answered === undefined)
    return [
      h('p', { class: 'lead' }, 'No decision yet: open the checkout with something in the cart.'),
      facts(who),
    ];
  const { answer, tookMs, at } = answered;
  const { payment, shipping, offers, messages, prefill } = answer.slots;
  return [
    ladder(answer.source),
    whatFailed(answer),
    ...(payment ? [slotPart('Payment', payment)] : []),
    ...(shipping ? [slotPart('Delivery', shipping)] : []),
    ...itemsPart('Offers', offers?.items),
    ...itemsPart('Messages', messages?.items),
    facts([
      ['Answered', `in ${tookMs} ms, ${sinceInWords(Date.now() - at)}`],
      ['Newest event', answer.asOf === null ? 'none' : sinceInWords(Date.now() - Date.parse(answer.asOf))],
      ['Known after', answer.lagMs === null ? '–' : `${answer.lagMs} ms`],
      ['Profile read', answer.profile === null ? 'none' : levelInWords(answer.profile.level)],
      ['Segments', answer.profile?.segments.map(inWords).join(', ') || 'none'],
      ['Journey', answer.profile?.journeyStage ?? 'unknown'],
      ['On request', prefill ? `fills in ${Object.keys(prefill.fields).join(', ')}` : 'fills in nothing'],
      ...who,
    ]),
  ];
}

function ladder(source: Answer['source']): HTMLElement {
  const here = RUNGS.find(({ rung }) => rung === (source === 'partial' ? 'personalized' : source));
  return h(
    'div',
    {},
    h(
      'ol',
      { class: 'ladder', 'aria-label': 'Where the answer came from' },
      ...RUNGS.map(({ rung, title }) =>
        h('li', rung === here?.rung ? { 'aria-current': 'true', class: 'here' } : {}, title),
      ),
    ),
    h(
      'p',
      { class: 'rung' },
      `${here?.text ?? ''}${source === 'partial' ? ' Some of their devices were too slow.' : ''}`,
    ),
  );
}

function whatFailed({ reason, tokenRejected, slots }: Answer): HTMLElement {
  const fallback = slots.payment?.fallbackReason ?? slots.shipping?.fallbackReason;
  const said = [
    reason === null ? undefined : shortfallInWords(reason),
    reason === null && fallback ? `Not personal, since ${fallbackInWords(fallback)}.` : undefined,
    tokenRejected === null ? undefined : `The identity token was rejected: ${inWords(tokenRejected)}.`,
  ].filter((text) => text !== undefined);
  return h('p', { class: 'failed', hidden: said.length === 0 }, said.join(' '));
}

function slotPart(title: string, { options, guardrails }: OptionsSlot): HTMLElement {
  return h(
    'section',
    { class: 'slot' },
    h('h3', {}, title),
    h(
      'ol',
      {},
      ...options.map(({ id, preselected, reasons }) =>
        h(
          'li',
          {},
          h('strong', {}, inWords(id)),
          h('span', {}, [...reasons.map(reasonInWords), ...(preselected ? ['preselected'] : [])].join(', ')),
        ),
      ),
    ),
    ...guardrails.map((id) => h('p', { class: 'guardrail' }, `⚖ ${guardrailInWords(id)}`)),
  );
}

function itemsPart(
  title: string,
  items: readonly { readonly id: string; readonly reasons: readonly string[] }[] = [],
): readonly HTMLElement[] {
  if (items.length === 0) return [];
  const lines = items.map(({ id, reasons }) =>
    h('li', {}, h('strong', {}, inWords(id)), h('span', {}, reasons.map(reasonInWords).join(', '))),
  );
  return [h('section', { class: 'slot' }, h('h3', {}, title), h('ol', {}, ...lines))];
}

function levelInWords(level: 'none' | 'device' | 'account'): string {
  return { none: 'none', device: "this device's", account: "the account's" }[level];
}

type Facts = readonly (readonly [string, string])[];

function facts(list: Facts): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...list.map(([term, said]) => h('div', {}, h('dt', {}, term), h('dd', {}, said))),
  );
}
