import type { StoreConfig } from '../store-config.ts';
import type { MessageSource } from './message-source.ts';
import type { Message, Messages, MessageSubject } from './message.ts';
import { readAudience, readDuration } from './read-audience.ts';
import { readText } from './read-text.ts';
import type { Reading } from './reading.ts';

/** What texts can be told of, by what they are about. */
const PLACEHOLDERS: Readonly<Record<MessageSource['kind'], readonly string[]>> = {
  'continue-checkout': ['lines'],
  'support-follow-up': ['ticket'],
  'loyalty-status': ['tier', 'points'],
  notice: [],
};

/** A shop's messages; what is wrong with them is noted. */
export function readMessages({ messages }: Pick<StoreConfig, 'messages'>, reading: Reading): Messages {
  return {
    items: messages.items.map((source, index) => readMessage(source, `messages.items[${index}]`, reading)),
  };
}

function readMessage(source: MessageSource, path: string, reading: Reading): Message {
  return {
    id: source.id,
    subject: readSubject(source, path, reading),
    text: readText(source.text, PLACEHOLDERS[source.kind], `${path}.text`, reading),
    audience: readAudience(source, path, reading),
  };
}

function readSubject(source: MessageSource, path: string, reading: Reading): MessageSubject {
  switch (source.kind) {
    case 'continue-checkout':
    case 'support-follow-up':
      return { kind: source.kind, withinMs: readDuration(source.within, `${path}.within`, reading) };
    case 'loyalty-status':
    case 'notice':
      return { kind: source.kind };
  }
}
