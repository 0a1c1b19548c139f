import { parseMarkdown, type Span } from '../markdown.ts';
import { element } from './element.ts';

/**
 * Elements for a piece of markdown.
 *
 * @param headings the highest level of a heading in it becomes this one on the page
 */
export function markdownView(markdown: string, headings = 1): readonly HTMLElement[] {
  return parseMarkdown(markdown).map((block) => {
    switch (block.kind) {
      case 'heading': {
        const level = Math.min(Math.max(block.level, headings), 6);
        return element(`h${level}` as 'h2', { id: block.id }, ...inline(block.spans));
      }
      case 'paragraph':
        return element('p', {}, ...inline(block.spans));
      case 'item':
        return element('p', { class: 'item' }, element('span', {}, block.marker), ...inline(block.spans));
      case 'rows': {
        const [head = [], ...rows] = block.rows;
        return element(
          'table',
          {},
          element('thead', {}, tableRow('th', head)),
          element('tbody', {}, ...rows.map((row) => tableRow('td', row))),
        );
      }
      case 'code':
        return element('pre', { tabindex: 0 }, element('code', {}, block.text));
    }
  });
}

function tableRow(tag: 'th' | 'td', cells: readonly (readonly Span[])[]): HTMLElement {
  return element('tr', {}, ...cells.map((spans) => element(tag, {}, ...inline(spans))));
}

function inline(spans: readonly Span[]): readonly (Node | string)[] {
  return spans.map((span) => {
    switch (span.kind) {
      case 'text':
        return span.text;
      case 'strong':
        return element('strong', {}, span.text);
      case 'code':
        return element('code', {}, span.text);
      case 'link':
        return element('a', { href: span.href }, span.text);
    }
  });
}
