// The list of runs: search, filters, pages; each line opens its run.
import { get } from './api.js';
import { choosing } from './choosing.js';
import { count, element, say } from './dom.js';

const fields = [
  ['search', 'Search', 'name, label or model'],
  ['label', 'Label', 'release=2.1'],
  ['model', 'Model', ''],
];

const verdicts = [['', 'any'], ['valid', 'valid'], ['degraded', 'degraded'], ['invalid', 'invalid']];

function localTime(utc) {
  return utc ? new Date(utc).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '–';
}

function stateWords(run) {
  const steps = run.planned > run.steps ? `${run.steps} of ${count(run.planned, 'step')}` : count(run.steps, 'step');

  return run.state === 'done' ? steps : `${run.state}, ${steps}`;
}

function line(run, box) {
  return element('tr', {},
    element('td', {}, element('a', { href: `/run/${run.id}` }, run.name)),
    element('td', {}, localTime(run.started_utc)),
    element('td', {}, stateWords(run)),
    element('td', {}, run.models.join(', ') || '–'),
    element('td', {}, Object.entries(run.labels).map(([name, value]) => `${name}=${value}`).join(', ') || '–'),
    element('td', { class: 'number' }, run.completed.toLocaleString('en')),
    element('td', { class: 'number' }, run.errors.toLocaleString('en')),
    element('td', {}, run.measurement_verdict || '–'),
    element('td', {}, box));
}

function table(runs, chosen) {
  const heads = [['Run'], ['Started'], ['State'], ['Models'], ['Labels'], ['Completed', 'number'], ['Failed', 'number'], ['Measurement'], ['Tick']];

  return element('div', { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': 'Runs' },
    element('table', {},
      element('thead', {}, element('tr', {}, heads.map(([name, kind]) => element('th', { scope: 'col', class: kind }, name)))),
      element('tbody', {}, runs.map((run) => line(run, chosen.box(run))))));
}

function pager(list, open) {
  const step = (to, words) => element('button', { class: 'control', type: 'button', disabled: to < 1 || to > list.pages, onclick: () => open(to) }, words);

  return list.pages > 1
    ? element('p', { class: 'controls' }, step(list.page - 1, 'Newer'), `Page ${list.page} of ${list.pages}`, step(list.page + 1, 'Older'))
    : null;
}

function emptyWords(query) {
  return query.toString()
    ? 'No run is like that.'
    : 'No run is here yet. Start one under New run, or with \'coebench run\' in a terminal; it shows here as it begins.';
}

function filters(query, open) {
  const inputs = fields.map(([name, words, hint]) => element('label', {}, words,
    element('input', { type: 'search', name, value: query.get(name) || '', placeholder: hint, class: 'control' })));
  const select = element('select', { name: 'verdict', class: 'control' },
    verdicts.map(([value, words]) => element('option', { value, selected: value === (query.get('verdict') || '') }, words)));

  return element('form', { class: 'controls', role: 'search', onsubmit: (event) => { event.preventDefault(); open(1, new FormData(event.target)); } },
    inputs, element('label', {}, 'Measurement', select), element('button', { class: 'control', type: 'submit' }, 'Find'));
}

export async function showRuns(main) {
  const query = new URLSearchParams(location.search);
  const open = (page, form = null) => {
    const next = new URLSearchParams(form ? [...form].filter(([, value]) => value) : query);

    next.delete('page');
    if (page > 1)
      next.set('page', page);
    location.assign(`/runs${next.size ? `?${next}` : ''}`);
  };
  const list = await get(`/runs?${query}`), chosen = choosing(list.runs);

  document.title = 'Runs – coebench';
  main.replaceChildren(
    element('h1', {}, 'Runs'),
    filters(query, open),
    list.runs.length > 0 ? table(list.runs, chosen) : element('p', {}, emptyWords(query)),
    list.runs.length > 0 ? chosen.bar : '',
    pager(list, open) || '');
  say(count(list.total, 'run'));
}
