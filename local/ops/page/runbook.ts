import { byId } from './element.ts';
import { markdownView } from './markdown-view.ts';

const reply = await fetch('/_local/runbook');
byId('runbook').replaceChildren(...markdownView(await reply.text()));

function showEntry(): void {
  const entry = document.getElementById(location.hash.slice(1));
  for (const one of document.querySelectorAll('.entry')) one.classList.remove('entry');
  entry?.classList.add('entry');
  entry?.scrollIntoView();
}
addEventListener('hashchange', showEntry);
showEntry();
