/** A stretch of text within a block. */
export interface Span {
  readonly kind: 'text' | 'strong' | 'code' | 'link';
  readonly text: string;
  /** Of a link. */
  readonly href?: string;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly id: string; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'item'; readonly marker: string; readonly spans: readonly Span[] }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly (readonly Span[])[])[] }
  | { readonly kind: 'code'; readonly text: string };

const SPAN = /\*\*(?<strong>[^*]+)\*\*|`(?<code>[^`]+)`|\[(?<label>[^\]]+)\]\((?<href>[^)\s]+)\)/g;
const ITEM = /^\s*(?<marker>\d+\.|-)\s+(?<text>.*)$/;

/**
 * Reads the markdown that dashboards and the runbook use: headings, paragraphs, items, tables, fenced code; bold, code and links
 * within them. What it makes is text to be shown as text; it knows no HTML.
 *
 * @example parseMarkdown('## Page')[0] // { kind: 'heading', level: 2, id: 'page', spans: [{ kind: 'text', text: 'Page' }] }
 */
export function parseMarkdown(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly marker?: string; readonly lines: string[] } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const spans = parseSpans(open.lines.join(' '));
    const { marker } = open;
    blocks.push(marker === undefined ? { kind: 'paragraph', spans } : { kind: 'item', marker, spans });
    open = undefined;
  };
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const heading = /^(#{1,6})\s+(.+)$/.exec(line);
    const item = ITEM.exec(line);
    if (/^\s*```/.test(line)) {
      close();
      const end = lines.findIndex((other, index) => index > at && /^\s*```\s*$/.test(other));
      const inside = lines.slice(at + 1, end < 0 ? undefined : end);
      const indent = line.length - line.trimStart().length;
      blocks.push({ kind: 'code', text: inside.map((one) => one.slice(indent)).join('\n') });
      at = end < 0 ? lines.length : end;
    } else if (heading) {
      close();
      const spans = parseSpans(heading[2] ?? '');
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, id: slugOf(heading[2] ?? ''), spans });
    } else if (line.startsWith('|')) {
      close();
      let end = at;
      while (lines[end + 1]?.startsWith('|')) end += 1;
      const cells = lines.slice(at, end + 1).filter((row) => !/^[|\s:-]+$/.test(row));
      blocks.push({ kind: 'rows', rows: cells.map((row) => row.split('|').slice(1, -1).map(parseSpans)) });
      at = end;
    } else if (line.trim() === '') close();
    else if (item?.groups) {
      close();
      open = { marker: item.groups.marker ?? '-', lines: [item.groups.text ?? ''] };
    } else if (open) open.lines.push(line.trim());
    else open = { lines: [line.trim()] };
  }
  close();
  return blocks;
}

function parseSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  const plain = (to: number): void => {
    if (to > at) spans.push({ kind: 'text', text: text.slice(at, to) });
  };
  for (const match of text.matchAll(SPAN)) {
    plain(match.index);
    const { strong, code, label = '', href } = match.groups ?? {};
    if (strong !== undefined) spans.push({ kind: 'strong', text: strong });
    else if (code !== undefined) spans.push({ kind: 'code', text: code });
    // Only places of the same page and what is public: a link is no way to run something.
    else if (href !== undefined && /^(#|https:\/\/)/.test(href))
      spans.push({ kind: 'link', text: label, href });
    else spans.push({ kind: 'text', text: label });
    at = match.index + match[0].length;
  }
  plain(text.length);
  return spans;
}

/** As links in the repository spell headings. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s+/g, '-');
}
