export interface ErrorSummary {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it was thrown: the stack's frames without the message above them. */
  readonly frames?: string;
  readonly cause?: ErrorSummary;
}

const MAX_DEPTH = 4;
const MAX_FRAMES = 8;
const MAX_MESSAGE_LENGTH = 400;
/** Names and codes are words of a program; anything else in their place came from elsewhere. */
const WORD = /^[A-Za-z][\w.$]{0,63}$/;
/** Our own codes; Node's and those of libraries are in capitals, and their messages quote arguments and paths. */
const OWN_CODE = /^[a-z]+(_[a-z]+)*$/;
/** Answers of AWS that find fault with what was asked quote it. */
const QUOTES_THE_REQUEST = /Validation|Serialization|Invalid|Malformed/;
const FRAME = /^ {4}at .*(?::\d+:\d+\)?|<anonymous>\))$/;

/**
 * What of an error may be logged. Messages of parsers quote what they parsed, which may be personal data, so a
 * message is kept only where it was written for operators: ours, known by their codes, and answers of AWS (a denied
 * action, an outage); what even these quote is left out.
 */
export function errorSummary(error: unknown, depth = 1): ErrorSummary {
  if (!(error instanceof Error)) return { name: typeof error };
  const name = WORD.test(error.name) ? error.name : 'Error';
  const code =
    'code' in error && typeof error.code === 'string' && WORD.test(error.code) ? error.code : undefined;
  const isOfAws = '$metadata' in error && !QUOTES_THE_REQUEST.test(name);
  const isOurs = code !== undefined && OWN_CODE.test(code);
  const frames = framesOf(error);
  return {
    name,
    ...(code !== undefined && { code }),
    ...((isOfAws || isOurs) && { message: withoutQuotes(error.message) }),
    ...(frames.length > 0 && { frames: frames.slice(0, MAX_FRAMES).join('\n') }),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: errorSummary(error.cause, depth + 1) }),
  };
}

/** A message of several lines can look like frames: they begin behind it. */
function framesOf({ stack = '', message }: Error): readonly string[] {
  const end = message === '' ? -1 : stack.indexOf(message);
  const below = end < 0 ? stack : stack.slice(end + message.length);
  return end < 0 && message.includes('\n') ? [] : below.split('\n').filter((line) => FRAME.test(line));
}

/** What stands in quotes is a value; so is whatever looks like an address, a card or another long number. */
function withoutQuotes(message: string): string {
  return message
    .slice(0, MAX_MESSAGE_LENGTH)
    .replace(/"[^"]*"?|'[^']*'/g, '"…"')
    .replace(/[^\s<>()]+@[^\s<>()]+/g, '…')
    .replace(/\d(?:[ -]?\d){12,}/g, '…');
}
