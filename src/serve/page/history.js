// A figure of a row over runs and releases.
import { get } from './api.js';
import { count, element, say } from './dom.js';
import { historyChart, words } from './history_chart.js';
import { figure } from './units.js';

function rowWords(row) {
  const load = row.num_concurrent_requests ? `${row.num_concurrent_requests} at a time` : row.qps ? `${figure(row.qps)} per s ${row.qps_distribution || ''}` : '';
  const lengths = `${row.num_input_tokens ?? '?'} in, ${row.num_output_tokens ?? '?'} out`;

  return [row.model, lengths, load.trim(), row.multimodal_img_size ? `image ${row.multimodal_img_size}` : '', count(row.runs, 'run')].filter(Boolean).join(' · ');
}

function choice(label, name, all, chosen) {
  return element('label', {}, label, element('select', { name, class: 'control' },
    all.map(([value, text]) => element('option', { value, selected: value === chosen }, text))));
}

function form(known, query) {
  const metric = query.get('metric') || 'client_ttft_s';

  return element('form', { class: 'controls history', onsubmit: (event) => {
    event.preventDefault();
    location.assign(`/history?${new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value))}`);
  } },
    choice('Row', 'row', known.rows.map((row) => [row.row, rowWords(row)]), query.get('row')),
    choice('Figure', 'metric', known.metrics.map(({ name }) => [name, name]), metric),
    choice('Statistic', 'of', known.statistics.map((name) => [name, name]), query.get('of') || 'p50'),
    element('label', {}, 'By label', element('input', { name: 'by', class: 'control', placeholder: 'date; or release', value: query.get('by') || '' })),
    element('button', { class: 'control', type: 'submit' }, 'Show'));
}

function line(point, by, unit) {
  return element('tr', {},
    element('td', {}, point.started_utc ? new Date(point.started_utc).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '–'),
    by ? element('td', {}, point.labels[by]) : null,
    element('td', {}, element('a', { href: `/run/${point.run}` }, point.name)),
    element('td', { class: 'number' }, point.step + 1),
    element('td', { class: 'number' }, words(point.value, unit)),
    element('td', {}, point.measurement_verdict || '–'));
}

function table(points, by, unit, title) {
  const heads = ['Started', by || null, 'Run', 'Step', title, 'Measurement'].filter((name) => name !== null);
  const numbers = ['Step', title];

  return element('div', { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': 'Points' },
    element('table', {}, element('thead', {}, element('tr', {}, heads.map((name) => element('th', { scope: 'col', class: numbers.includes(name) ? 'number' : null }, name)))),
      element('tbody', {}, points.map((point) => line(point, by, unit)))));
}

async function results(known, query) {
  const asked = known.metrics.find(({ name }) => name === (query.get('metric') || 'client_ttft_s')) || known.metrics[0];
  const of = query.get('of') || 'p50', by = query.get('by') || '';
  const ask = new URLSearchParams({ row: query.get('row') || known.rows[0].row, metric: asked.name, of });
  const { points } = await get(`/history?${ask}`);
  const shown = by ? points.filter((point) => by in point.labels) : points;
  const title = asked.statistics ? `${asked.name} ${of}` : asked.name;

  say(count(shown.length, 'point'));
  if (shown.length === 0)
    return [element('p', {}, by && points.length > 0 ? `No run of this row has the label ${by}.` : 'No step of this row has this figure.')];
  return [element('div', { class: 'charts' }, await historyChart(shown, by, asked.unit, title)), table(shown.slice().reverse(), by, asked.unit, title)];
}

export async function showHistory(main) {
  const query = new URLSearchParams(location.search);
  const known = await get('/history');

  document.title = 'History – coebench';
  main.replaceChildren(element('h1', {}, 'History'), ...(known.rows.length === 0
    ? [element('p', {}, 'No run is here yet whose rows could have a history.')]
    : [form(known, query), ...await results(known, query)]));
}
