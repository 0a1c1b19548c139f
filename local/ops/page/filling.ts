import type { Filling } from '../what-fills.ts';
import { element } from './element.ts';

const SENTENCES: Readonly<Record<Filling, string>> = {
  decision: 'Nothing yet. A decision fills it:',
  event: 'Nothing yet. An event fills it:',
  audit: 'Nothing yet. The audit of the run fills it, once an hour.',
  trouble: 'Nothing of this kind has happened.',
};
const COMMANDS: Partial<Readonly<Record<Filling, (api: string) => string>>> = {
  decision: (api) =>
    `curl -s ${api}/v1/decisions -u sk_local: -d '{ "userId": "ann", "checkout": { "payment": [{ "id": "credit_card", "kind": "card" }, { "id": "pix", "kind": "transfer" }] } }'`,
  event: (api) =>
    `curl -s ${api}/v1/track -u sk_local: -d '{ "userId": "ann", "event": "Order Completed", "properties": { "order_id": "1001", "total": 49.9, "currency": "EUR", "payment_method": "pix" } }'`,
};

/** What stands in an empty place: what would fill it, ready to be copied. */
export function fillingView(filledBy: Filling): HTMLElement {
  const command = COMMANDS[filledBy]?.(location.origin);
  return element(
    'div',
    { class: 'empty' },
    element('p', {}, SENTENCES[filledBy]),
    ...(command === undefined ? [] : [element('pre', { tabindex: 0 }, element('code', {}, command))]),
  );
}
