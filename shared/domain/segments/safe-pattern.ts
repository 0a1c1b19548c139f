const MAX_LENGTH = 200;
/** Ways to match that a matcher may have to try at one place. */
const MAX_WAYS = 256;

/**
 * A pattern whose matching takes time in proportion to the text: no repetition, no back reference, no look-around, and
 * a bounded number of alternatives. Whatever else a regular expression may be, one text of some visitor can stop
 * it for seconds. A text says what is wrong with it.
 */
export function safePattern(source: string, ignoresCase: boolean): RegExp | string {
  if (source.length > MAX_LENGTH) return `it may have ${MAX_LENGTH} characters`;
  // What is escaped or in a class stands for one character.
  const bare = source.replace(/\\[^0-9kcxupP]/g, 'x').replace(/\[(?:\\.|[^\]\\])*\]/g, 'x');
  if (/[*+?{}]/.test(bare))
    return 'it repeats or looks around: only letters, ".", classes, anchors and (a|b) are taken';
  if (bare.includes('\\')) return 'it refers back or names characters by number';
  const groups = bare.split(/[()]/).map((part) => part.split('|').length);
  if (groups.reduce((ways, alternatives) => ways * alternatives, 1) > MAX_WAYS)
    return 'it has too many alternatives';
  try {
    return new RegExp(source, ignoresCase ? 'i' : '');
  } catch {
    return 'it is no regular expression';
  }
}
