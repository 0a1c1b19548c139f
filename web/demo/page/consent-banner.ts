import { EVERYTHING, isRefusedByBrowser, NOTHING, type Consent } from './consent.ts';
import { h, on } from './element.ts';
import type { Words } from '../words/words.ts';

/** Asks what may be done with what somebody does here. Yes and no are equally near. */
export function consentBanner(
  words: Words,
  before: Consent | undefined,
  chosen: (consent: Consent) => void,
): HTMLElement {
  const isAnswered = isRefusedByBrowser();
  const choice = (name: keyof Consent, title: string, hint: string): HTMLElement =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'checkbox', name, checked: before?.[name] ?? false }),
      h('span', {}, h('strong', {}, title), h('span', { class: 'quiet' }, hint)),
    );
  const button = (text: string, consent: () => Consent, look: string): HTMLElement =>
    on(h('button', { type: 'button', class: `button ${look}` }, text), { click: () => chosen(consent()) });
  const choices = [
    choice('personalization', words.personalization, words.personalizationHint),
    choice('analytics', words.analytics, words.analyticsHint),
  ];
  const banner = h(
    'section',
    { class: 'banner', 'aria-labelledby': 'banner-heading' },
    h('h2', { id: 'banner-heading', tabindex: -1 }, words.consentTitle),
    h('p', {}, isAnswered ? words.gpc : words.consentText),
    ...(isAnswered
      ? [button('OK', () => NOTHING, '')]
      : [
          h('div', { class: 'choices' }, ...choices),
          h(
            'div',
            { class: 'answers' },
            button(words.acceptAll, () => EVERYTHING, ''),
            button(words.rejectAll, () => NOTHING, ''),
            button(
              words.saveChoice,
              () => ({ personalization: isTicked('personalization'), analytics: isTicked('analytics') }),
              'second',
            ),
          ),
        ]),
  );
  const isTicked = (name: keyof Consent): boolean =>
    banner.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.checked === true;
  return banner;
}
