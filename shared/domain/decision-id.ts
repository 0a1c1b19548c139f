import { textOf } from './property.ts';
import type { Message, StreamEvent } from './stream-event.ts';

/** What a page says once it has shown a decision. */
export const SHOWN_EVENT = 'Checkout Decision Shown';

/** 66 bits: nobody guesses one in the time that a decision is of interest. */
const MARK_LENGTH = 11;
const DECISION_ID = /^dec_([\w-]{1,64})\.([\w-]{11})$/;

/**
 * The id of a decision that was made: its name and a mark that only the stage can make. It comes back from the public,
 * with what was shown; the mark tells a decision that was made from one that somebody makes up.
 *
 * @param name fresh for each decision, letters, digits, `_` and `-`
 * @param keyOf HMAC under the stage's secret
 * @example decisionIdOf(randomUUID(), keyOf) // → 'dec_4af4b682-e7e9-477a-baab-75a985839bcc.n3Xw_0kq7Zc'
 */
export function decisionIdOf(name: string, keyOf: (subject: string) => string): string {
  return `dec_${name}.${keyOf(subjectOf(name)).slice(0, MARK_LENGTH)}`;
}

/** HMAC of the decision that a message says was shown: with it the fold, which has no secret, can check the mark. */
export function decisionKeyOf(message: Message, keyOf: (subject: string) => string): string | undefined {
  const name = partsOf(message)?.name;
  return name === undefined ? undefined : keyOf(subjectOf(name));
}

/** The name of the decision that an event says was shown, if that decision was made. */
export function madeDecision({ message, keys }: StreamEvent): string | undefined {
  const parts = partsOf(message);
  return parts !== undefined && keys.decision?.slice(0, MARK_LENGTH) === parts.mark ? parts.name : undefined;
}

function partsOf({
  event,
  properties,
}: Message): { readonly name: string; readonly mark: string } | undefined {
  if (event !== SHOWN_EVENT) return undefined;
  const [, name, mark] = DECISION_ID.exec(textOf(properties?.decision_id) ?? '') ?? [];
  return name === undefined || mark === undefined ? undefined : { name, mark };
}

/** No user or device is called so: theirs begin with `u:` and `a:`. */
function subjectOf(name: string): string {
  return `decision:${name}`;
}
