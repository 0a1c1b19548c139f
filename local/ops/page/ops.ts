import type { OpsState } from '../ops-state.ts';
import { showBoard } from './board.ts';
import { clockTime } from './clock-time.ts';
import { showDecisions } from './decisions.ts';
import { byId } from './element.ts';
import { showVerdict } from './verdict.ts';

const EVERY_MS = 4_000;
const PATIENCE_MS = 5_000;

const live = byId('live') as HTMLInputElement;
let timer: ReturnType<typeof setTimeout> | undefined;
let answeredAt: number | undefined;
/** Of looks that overlap, the last one counts. */
let looks = 0;

async function look(): Promise<void> {
  const own = ++looks;
  clearTimeout(timer);
  const state = await ask();
  if (own !== looks) return;
  again();
  if (state) {
    answeredAt = state.now;
    showVerdict(state);
    showDecisions(state.decisions);
    showBoard(state);
    byId('updated').textContent = `as of ${clockTime(state.now)}`;
  }
  saySilence(state === undefined);
}

/** What the run says; nothing, if it does not answer. */
async function ask(): Promise<OpsState | undefined> {
  const minutes = document.querySelector<HTMLInputElement>('[name="minutes"]:checked')?.value ?? '60';
  try {
    const reply = await fetch(`/_local/ops?minutes=${minutes}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return reply.ok ? ((await reply.json()) as OpsState) : undefined;
  } catch {
    return undefined;
  }
}

/** Old values must not pass for new ones. It is put there once, for it is read aloud. */
function saySilence(isSilent: boolean): void {
  const silence = byId('silence');
  document.documentElement.classList.toggle('silent', isSilent);
  silence.hidden = !isSilent;
  if (!isSilent) return;
  document.title = '✗ No answer · Cartwright';
  const past = answeredAt === undefined ? '' : `All below is as it was at ${clockTime(answeredAt)}. `;
  const words = `The local run does not answer. ${past}Start it again: npm start`;
  if (silence.textContent !== words) silence.textContent = words;
}

/** Nobody looks at a hidden page. */
function again(): void {
  clearTimeout(timer);
  if (live.checked && document.visibilityState === 'visible') timer = setTimeout(() => void look(), EVERY_MS);
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && live.checked) void look();
  else clearTimeout(timer);
});
live.addEventListener('change', () => (live.checked ? void look() : clearTimeout(timer)));
byId('span').addEventListener('change', () => void look());
void look();
