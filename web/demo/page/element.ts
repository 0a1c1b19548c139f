type Listeners = {
  readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void;
};
type Attributes = Readonly<Record<string, string | number | boolean | undefined>> & { readonly on?: never };
type Child = Node | string | undefined | false;

/**
 * Makes an element. Text goes in as text only; children that are `undefined` or `false` are left out, and so are such attributes.
 *
 * @example h('a', { href: '/cart' }, 'Cart')
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
  return made;
}

/** Listens, and answers with the element, so that it can be said where the element is made. */
export function on<Made extends HTMLElement>(made: Made, listeners: Listeners): Made {
  for (const [name, listener] of Object.entries(listeners))
    made.addEventListener(name, listener as EventListener);
  return made;
}

/** A picture of the shop's own, of a size known beforehand: nothing moves when it comes. */
export function picture(name: string, alt: string, width: number, height: number): HTMLImageElement {
  return h('img', { src: `/shop/art/${name}.svg`, alt, width, height, decoding: 'async' });
}
