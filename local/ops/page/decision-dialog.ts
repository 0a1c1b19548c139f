import type { LoggedDecision } from '../decision-log.ts';
import { clockTime } from './clock-time.ts';
import { byId, element } from './element.ts';

const dialog = byId('decision') as HTMLDialogElement;
dialog.addEventListener('click', (event) => {
  // The backdrop is the dialog itself, all that is in it is something else.
  if (event.target === dialog) dialog.close();
});

/** Shows one decision whole. Escape, its button, or a click beside it closes it. */
export function showDecision(decision: LoggedDecision): void {
  const close = element('button', { type: 'button', autofocus: true }, 'Close');
  close.addEventListener('click', () => dialog.close());
  const whole =
    decision.kind === 'answered' ? decision.answer : { status: decision.status, code: decision.code };
  dialog.replaceChildren(
    element(
      'div',
      { class: 'inside' },
      element(
        'div',
        { class: 'beside' },
        element('h2', { id: 'decision-heading' }, `Decision at ${clockTime(decision.at)}`),
        close,
      ),
      element(
        'p',
        { class: 'quiet' },
        element('a', { href: '/ops/runbook#follow-one-event' }, 'Follow it'),
        ' by its decisionId.',
      ),
      element('pre', { tabindex: 0 }, element('code', {}, JSON.stringify(whole, undefined, 2))),
    ),
  );
  dialog.showModal();
}
