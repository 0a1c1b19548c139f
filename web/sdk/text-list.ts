export interface ListItem {
  readonly id: string;
  readonly kind: string;
  readonly parts: readonly HTMLElement[];
}

/** Text and nothing else, whatever it looks like. */
export function textPart(name: string, text: string, locale?: string, tag = 'span'): HTMLElement {
  const part = document.createElement(tag);
  part.dataset.cartwrightPart = name;
  part.textContent = text;
  part.dir = 'auto';
  if (locale) part.lang = locale;
  return part;
}

/** Shows the items as a list, in an element that is one or gets one. */
export function fillList(element: HTMLElement, items: readonly ListItem[]): void {
  const list = element.matches('ul, ol')
    ? element
    : (element.querySelector('ul') ?? element.appendChild(document.createElement('ul')));
  list.replaceChildren(
    ...items.map(({ id, kind, parts }) => {
      const item = document.createElement('li');
      item.dataset.cartwrightItem = id;
      item.dataset.cartwrightKind = kind;
      item.append(...parts);
      return item;
    }),
  );
}
