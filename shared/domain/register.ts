import type { Json } from './json.ts';
import { hashText } from './hash.ts';
import type { Dated } from './newest.ts';
import type { StreamEvent } from './stream-event.ts';

/** The last word on something: the value that the newest event gave it. */
export interface Register<Value> extends Dated {
  readonly value: Value;
}

/** A short name of a message: what breaks ties between events of the same millisecond. */
export function messageName(event: StreamEvent): string {
  return hashText(event.message.messageId, 8);
}

export function registerOf<Value>(event: StreamEvent, value: Value): Register<Value> {
  return { at: event.at, id: messageName(event), value };
}

export function encodeRegister<Value extends Json>(register: Register<Value> | undefined): Json | undefined {
  return register && [register.at, register.id, register.value];
}

export function decodeRegister<Value extends Json>(stored: Json | undefined): Register<Value> | undefined {
  if (!Array.isArray(stored)) return undefined;
  const [at, id, value] = stored as [number, string, Value];
  return { at, id, value };
}
