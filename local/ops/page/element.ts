/** What an element gets: attributes by name; `undefined` and `false` leave one out. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Makes an element. Text goes in as text only: nothing on this page is ever read as HTML.
 *
 * @example element('a', { href: '#top' }, 'Up')
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** The element of the page's own HTML that has this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
