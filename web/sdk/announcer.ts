/** Tells assistive technology what can be seen. */
export interface Announcer {
  say(text: string): void;
  stop(): void;
}

export function announcer(): Announcer {
  const region = document.createElement('div');
  region.setAttribute('role', 'status');
  // By the object model, which a strict content security policy lets pass; out of the flow, so that nothing moves.
  Object.assign(region.style, {
    position: 'fixed',
    width: '1px',
    height: '1px',
    overflow: 'hidden',
    clipPath: 'inset(50%)',
    whiteSpace: 'nowrap',
  });
  const place = (): void => {
    // A script in the head comes before the body; a region that is there before its text is read out more surely.
    if (!region.isConnected) document.body?.append(region);
  };
  place();
  return {
    say(text) {
      place();
      region.textContent = text;
    },
    stop: () => region.remove(),
  };
}
