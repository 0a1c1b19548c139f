import { h, on } from './element.ts';

const URL = '/_local/faults';

/** What can be broken, with the states that it can be in; `ok` is how it is meant to be. */
const SWITCHES = [
  { name: 'store', title: 'Profile store', states: { ok: 'OK', slow: 'Slow', down: 'Down' } },
  { name: 'api', title: 'API', states: { ok: 'OK', slow: 'Slow', down: 'Down', error: 'Errors' } },
  { name: 'sdk', title: 'SDK script', states: { ok: 'OK', blocked: 'Blocked' } },
] as const;

/** Switches of the local run. Where there is no local run there are none. */
export function faultsPanel(): HTMLElement {
  const panel = h('section', { class: 'faults', 'aria-labelledby': 'faults-heading', hidden: true });
  const said = h('p', { class: 'quiet', role: 'status' });
  const flip = async (name: string, shown: string): Promise<void> => {
    const state = shown === 'error' ? '500' : shown;
    const isBroken = await fetch(URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ [name]: state }),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
    said.textContent = isBroken
      ? 'Set. Open the checkout again to see what it does.'
      : 'This run cannot break that: it is not its own.';
    // A script that is on the page stays there until it is loaded anew.
    if (isBroken && name === 'sdk') location.reload();
  };
  panel.append(
    h('h3', { id: 'faults-heading' }, 'Break something'),
    ...SWITCHES.map(({ name, title, states }) =>
      h(
        'fieldset',
        { class: 'switch' },
        h('legend', {}, title),
        ...Object.entries(states).map(([state, label]) =>
          h(
            'label',
            {},
            on(h('input', { type: 'radio', name: `fault-${name}`, value: state }), {
              change: () => void flip(name, state),
            }),
            h('span', {}, label),
          ),
        ),
      ),
    ),
    said,
  );
  void fetch(URL)
    .then(async (reply) =>
      reply.ok ? ((await reply.json()) as Readonly<Record<string, string>>) : undefined,
    )
    .then((faults) => {
      for (const [name, is] of Object.entries(faults ?? {})) {
        const state = is === '500' ? 'error' : is;
        const input = panel.querySelector<HTMLInputElement>(`input[name="fault-${name}"][value="${state}"]`);
        if (input) input.checked = true;
      }
      panel.hidden = faults === undefined;
    })
    .catch(() => undefined);
  return panel;
}
