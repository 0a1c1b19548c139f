import type { AlarmStatus } from '../../alarm-watch.ts';
import { plainName } from '../alarm-words.ts';
import type { OpsState, OpsWidget } from '../ops-state.ts';
import { STATE_WORDS } from './alarm-state.ts';
import { byId, element } from './element.ts';
import { graphView, type GraphView } from './graph.ts';
import { markdownView } from './markdown-view.ts';

interface Placed {
  readonly element: HTMLElement;
  update(widget: OpsWidget, state: OpsState): void;
}

let definition = '';
let placed: readonly Placed[] = [];

/** Draws the dashboard as it is defined; its frame anew only where the definition changed, so that nothing jumps. */
export function showBoard(state: OpsState): void {
  const defined = JSON.stringify(state.widgets.map(frameOf));
  if (defined !== definition) {
    definition = defined;
    placed = state.widgets.map(place);
    lay(state.widgets);
  }
  for (const [index, widget] of state.widgets.entries()) placed[index]?.update(widget, state);
}

/** A widget without what changes from one look to the next. */
function frameOf(widget: OpsWidget): object {
  return widget.type === 'metric' ? { ...widget, lines: widget.lines.map(({ label }) => label) } : widget;
}

/** A text begins a section; what follows it, up to the next text, stands in it. */
function lay(widgets: readonly OpsWidget[]): void {
  const links: HTMLElement[] = [];
  const sections: HTMLElement[] = [];
  let grid: HTMLElement | undefined;
  for (const [index, widget] of widgets.entries()) {
    const made = placed[index]?.element;
    if (!made) continue;
    if (widget.type === 'text' || !grid) {
      grid = element('div', { class: 'grid' });
      const id = `section-${sections.length}`;
      const heading = widget.type === 'text' ? made.querySelector('h2') : null;
      if (heading) {
        heading.id = id;
        links.push(element('a', { href: `#${id}` }, heading.textContent ?? ''));
      }
      sections.push(element('section', heading ? { 'aria-labelledby': id } : {}, grid));
    }
    made.style.setProperty('--x', String(widget.x + 1));
    made.style.setProperty('--width', String(widget.width));
    grid.append(made);
  }
  byId('board').replaceChildren(...sections);
  byId('sections').replaceChildren(element('a', { href: '#decisions' }, 'Last decisions'), ...links);
}

function place(widget: OpsWidget, index: number): Placed {
  switch (widget.type) {
    case 'metric':
      return placeGraph(widget.title, `graph-${index}`);
    case 'text':
      return {
        element: element('div', { class: 'text prose' }, ...markdownView(widget.markdown, 2)),
        update: () => undefined,
      };
    case 'alarm':
      return placeAlarms(widget.title);
  }
}

function placeGraph(title: string, id: string): Placed {
  const view: GraphView = graphView(id);
  return {
    element: element(
      'article',
      { class: 'widget', 'aria-labelledby': id },
      element('h3', { id }, title),
      view.element,
    ),
    update(widget, state) {
      if (widget.type === 'metric') view.update(widget, state);
    },
  };
}

function placeAlarms(title: string): Placed {
  const list = element('ul', { class: 'alarms' });
  const count = element('small', {});
  return {
    element: element(
      'article',
      { class: 'widget' },
      element('details', {}, element('summary', {}, element('h3', {}, title), ' ', count), list),
    ),
    update(widget, { alarms }) {
      if (widget.type !== 'alarm') return;
      const known = new Map(alarms.map((alarm) => [alarm.physicalName, alarm]));
      const shown = widget.alarms.flatMap((name) => known.get(name) ?? []);
      const well = shown.filter(({ state }) => state !== 'ALARM').length;
      count.textContent = `${well} of ${shown.length} are not raised`;
      list.replaceChildren(...shown.map(alarmItem));
    },
  };
}

function alarmItem({ name, state, description }: AlarmStatus): HTMLElement {
  return element(
    'li',
    { class: `state-${state.toLowerCase()}`, title: description },
    element('b', {}, STATE_WORDS[state]),
    ` ${plainName(name)}`,
  );
}
