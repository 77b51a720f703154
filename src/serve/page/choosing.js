// What can be done with the runs that are ticked in the list.
import { element } from './dom.js';

const acts = [
  ['Compare', (ids) => `/compare?candidate=${ids[0]}&base=${ids[1]}`, (runs) => runs.length === 2 && runs.every((run) => run.steps > 0), 'two'],
  ['Study together', (ids) => `/compare?${ids.map((id) => `study=${id}`).join('&')}`, (runs) => runs.length > 0 && runs.every((run) => run.steps > 0), 'one or more'],
  ['Watch side by side', (ids) => `/watch?${ids.map((id) => `run=${id}`).join('&')}`, (runs) => runs.length > 0 && runs.every((run) => run.state === 'running'), 'those under way'],
];

// box(run) is a tick box for a line; `bar` the buttons for all that are ticked, the newest first.
export function choosing(runs) {
  const ticked = new Set();
  const buttons = acts.map(([words, to, , hint]) => element('button', { class: 'control', type: 'button', disabled: true, title: `of the ticked runs: ${hint}`,
    onclick: () => location.assign(to(runs.filter((run) => ticked.has(run)).map((run) => run.id))) }, words));

  const show = () => acts.forEach(([, , may], i) => { buttons[i].disabled = !may(runs.filter((run) => ticked.has(run))); });
  return {
    box: (run) => element('input', { type: 'checkbox', 'aria-label': `Choose ${run.name}`, onchange: (event) => {
      ticked[event.target.checked ? 'add' : 'delete'](run);
      show();
    } }),
    bar: element('p', { class: 'controls', role: 'group', 'aria-label': 'With the ticked runs' }, element('span', { class: 'faint' }, 'Ticked runs:'), buttons),
  };
}
