import type { PrefillSlot } from './answer.ts';

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Fills what is known of the shopper into fields that are empty, when the shopper asks for it and never before. */
export interface Prefill {
  /** A button `data-cartwright-prefill` in the slot is enabled if there is something to fill in. */
  offer(slot: HTMLElement, root: ParentNode, known: PrefillSlot | undefined): void;
  stop(): void;
}

export function prefillOnRequest(): Prefill {
  const buttons = new Map<HTMLButtonElement, () => void>();
  const release = (button: HTMLButtonElement): void => {
    const fill = buttons.get(button);
    if (fill) button.removeEventListener('click', fill);
    buttons.delete(button);
    button.disabled = true;
  };
  return {
    offer(slot, root, known) {
      const button = slot.querySelector<HTMLButtonElement>('[data-cartwright-prefill]');
      if (!button) return;
      release(button);
      if (!known) return;
      const { address, ...others } = known.fields;
      const values = Object.entries({ ...address, ...others });
      const fill = (): void => {
        for (const [name, value] of values) {
          for (const field of root.querySelectorAll<Field>(`[data-cartwright-field="${name}"]`)) {
            if (field.value === '' && value) write(field, value);
          }
        }
      };
      button.addEventListener('click', fill);
      button.disabled = false;
      buttons.set(button, fill);
    },
    stop() {
      for (const button of buttons.keys()) release(button);
    },
  };
}

/** As if typed: frameworks put a setter of their own before the browser's and listen to its events. */
function write(field: Field, value: string): void {
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set;
  setter?.call(field, value);
  for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
}
