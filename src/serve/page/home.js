// The first screen: what is running, what the last run found, and the runs.
import { get } from './api.js';
import { count, element } from './dom.js';
import { showRuns } from './runs.js';

const againMs = 5000;

function runningLine(run) {
  return element('li', {},
    element('a', { href: `/run/${run.id}` }, run.name), ` ${run.steps} of ${count(run.planned, 'step')} ended, ${count(run.completed, 'request')} completed `,
    element('progress', { max: Math.max(1, run.planned), value: run.steps, 'aria-label': `Steps of ${run.name} that have ended` }));
}

function runningPart(running) {
  return running.length === 0 ? [] : [
    element('h2', {}, `${count(running.length, 'run')} under way`),
    element('ul', { class: 'plain running' }, running.map(runningLine)),
    running.length > 1 ? element('p', {}, element('a', { href: `/watch?${running.map((run) => `run=${run.id}`).join('&')}` }, 'Watch them side by side')) : ''];
}

// The sentence comes from the run's report, which may have to be made first.
async function lastPart(place, run) {
  if (!run) return;
  const sentence = element('p', { class: 'sentence' }, '…');

  place.replaceChildren(
    element('p', { class: 'faint' }, 'The last run, ', element('a', { href: `/run/${run.id}` }, run.name), run.state === 'done' ? ', found:' : `, which is ${run.state}, found:`),
    sentence);
  try {
    sentence.textContent = `${(await get(`/runs/${run.id}/headline`)).sentence}.`;
  } catch (error) {
    sentence.replaceWith(element('p', { class: 'note' }, error.message));
  }
}

export async function showHome(main, match) {
  const running = element('section', { 'aria-label': 'Under way' }), last = element('section', { 'aria-label': 'The last run' });
  let lastId = null;

  async function look() {
    const now = await get('/now');

    running.replaceChildren(...runningPart(now.running));
    if (now.last && now.last.id !== lastId) {
      lastId = now.last.id;
      lastPart(last, now.last);
    }
  }
  await showRuns(main, match);
  main.querySelector('h1').before(running, last);
  document.title = 'coebench';
  await look();
  setInterval(() => look().catch(() => { /* the next look may find it again */ }), againMs);
}
