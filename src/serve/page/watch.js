// Runs under way, as they go: one on its own page, two beside each other here.
import { get, send } from './api.js';
import { count, element, say } from './dom.js';
import { follow } from './events.js';
import { makeChart } from './watch_chart.js';
import { Watched } from './watch_state.js';
import { digits, duration, figure, seconds } from './units.js';

const shownRows = 200; // of more, the last that have begun

function loadWords(row) {
  if (row.concurrent_requests) return `${row.concurrent_requests} at a time`;
  return row.qps ? `${figure(row.qps)} per s` : '';
}

function rowWords(row) {
  const lengths = row.input_tokens === undefined ? '' : `${row.input_tokens} in, ${row.output_tokens} out`;

  return [lengths, loadWords(row), row.mix ? `mix ${row.mix}` : '', row.attempt > 1 ? `attempt ${row.attempt}` : ''].filter(Boolean).join(', ');
}

function line(row) {
  const cell = (words) => element('td', { class: 'number' }, words);
  const of = row.num_requests ? ` of ${digits(row.num_requests)}` : '';

  return element('tr', {},
    cell(row.step + 1),
    element('td', { class: 'wide' }, row.model || row.name, element('span', { class: 'faint small block' }, rowWords(row))),
    element('td', {}, row.how || 'under way'),
    cell(`${digits(row.completed || 0)}${of}`), cell(digits(row.failed || 0)),
    cell(seconds(row.ttft_s)), cell(figure(row.output_token_per_s)));
}

function rowTable(name) {
  const heads = [['Step', 'number'], ['Row'], ['State'], ['Completed', 'number'], ['Failed', 'number'], ['Mean TTFT', 'number'], ['Output tokens/s', 'number']];
  const body = element('tbody');
  const note = element('p', { class: 'faint small', hidden: true });

  return {
    body, note,
    place: element('div', {}, element('div', { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': `Steps of ${name}` },
      element('table', {}, element('thead', {}, element('tr', {}, heads.map(([words, kind]) => element('th', { scope: 'col', class: kind }, words)))), body)), note),
  };
}

function showRows(table, watched) {
  const rows = [...watched.rows.values()].sort((a, b) => b.step - a.step);

  table.body.replaceChildren(...rows.slice(0, shownRows).map(line));
  table.note.hidden = rows.length <= shownRows;
  table.note.textContent = `The last ${shownRows} of ${digits(rows.length)} steps that have begun; the report has all.`;
}

function failureList(watched) {
  const kinds = Object.entries(watched.failures).sort((a, b) => b[1] - a[1]);

  return kinds.length === 0
    ? [element('p', { class: 'faint' }, 'No request has failed.')]
    : [element('ul', { class: 'chips' }, kinds.map(([kind, number]) => element('li', {}, `${kind}: ${digits(number)}`)))];
}

export function stepWords(steps, planned, completed) {
  return `Under way: ${steps} of ${count(planned, 'step')} ended, ${count(completed, 'request')} completed.`;
}

// Time left, by how fast requests ended since this page looks; unknown at first.
function timeLeft(watched, since) {
  const done = watched.share - since.share, passed = (performance.now() - since.at) / 1000;

  return passed < 5 || !(done > 0.005) ? null : ((1 - watched.share) / done) * passed;
}

// The buttons that end it.
function ends(id, fault) {
  const ask = (what, sentence) => async () => {
    try {
      await send('POST', `/runs/${id}/${what}`);
      say(sentence);
    } catch (error) {
      fault.textContent = error.message;
    }
  };

  return [
    element('button', { class: 'control', type: 'button', onclick: ask('stop', 'It sends nothing more, and waits for what is in flight.') }, 'Stop'),
    element('button', { class: 'control danger', type: 'button', onclick: ask('cancel', 'What is in flight ends now.') }, 'Cancel')];
}

// A run under way; `done(state)` is called once it has ended.
export async function watchPanel(run, signal, done) {
  const watched = new Watched(), words = element('span', {}, stepWords(run.steps, run.planned, run.completed));
  const fault = element('span', { role: 'alert' }), bar = element('progress', { max: 1, 'aria-label': `Progress of ${run.name}` });
  const table = rowTable(run.name), failures = element('div');
  const throughput = await makeChart({ title: 'Output tokens per second', caption: 'Of requests that have ended, spread over the time in which they came.', axis: 'Tokens/s', words: digits, lines: ['all requests'] });
  const ttft = await makeChart({ title: 'Time to first token', caption: 'Of requests by when they ended.', axis: 'TTFT', words: seconds, lines: ['mean', 'longest'] });
  let since = null, due = false;

  function show() {
    const left = since && timeLeft(watched, since), series = watched.series;

    due = false;
    words.textContent = stepWords(watched.ended, watched.run.steps, watched.completed) + (left ? ` About ${duration(left)} left.` : '');
    if (watched.share !== null) bar.value = watched.share;
    showRows(table, watched);
    failures.replaceChildren(...failureList(watched));
    throughput.show([series.tokens]);
    ttft.show([series.mean, series.most]);
  }

  function take(word, data) {
    watched.take(word, data);
    if (word === 'figures' && !since) since = { share: watched.share || 0, at: performance.now() };
    if (!due) requestAnimationFrame(show);
    due = true;
    if (word === 'end') done(data.state);
  }

  follow(run.id, take, (sentence) => { fault.textContent = sentence; }, signal).catch((error) => { fault.textContent = error.message; });
  return element('section', { class: 'watch', 'aria-label': `Run ${run.name}` },
    element('p', { class: 'controls progress', id: `progress-${run.id}` }, words, ends(run.id, fault), fault), bar,
    element('div', { class: 'charts' }, throughput.figure, ttft.figure),
    element('h3', { class: 'below' }, 'Failures by kind'), failures,
    element('h3', { class: 'below' }, 'Steps'), table.place);
}

// One of those side by side; once it has ended, its report is a click away.
async function column(id, signal) {
  const { run } = await get(`/runs/${id}`);
  const title = element('h2', {}, element('a', { href: `/run/${id}` }, run.name)), note = element('p', { class: 'note', hidden: true });

  return element('div', { class: 'column' }, title, note, await watchPanel(run, signal, (state) => {
    note.textContent = `This run has ended: ${state}. Its name opens its report.`;
    note.hidden = false;
  }));
}

// Which of the runs under way are to be watched; those that are chosen already stay so.
function chooser(runs, chosen) {
  const boxes = runs.map((run) => element('label', {}, element('input', { type: 'checkbox', name: 'run', value: run.id, checked: chosen.includes(run.id) }), run.name));

  return element('form', { class: 'controls', onsubmit: (event) => {
    event.preventDefault();
    location.assign(`/watch?${new URLSearchParams([...new FormData(event.target)])}`);
  } }, boxes, element('button', { class: 'control', type: 'submit' }, 'Watch'));
}

export async function showWatch(main) {
  const chosen = new URLSearchParams(location.search).getAll('run').filter((id) => /^[0-9a-f]{16}$/.test(id));
  const { running } = await get('/now');
  const leaving = new AbortController();

  document.title = 'Watch – coebench';
  addEventListener('pagehide', () => leaving.abort());
  main.replaceChildren(
    element('h1', {}, 'Watch'),
    running.length > 0 ? chooser(running, chosen) : element('p', {}, 'No run is under way. One that begins shows here; started ones stand in the list of runs.'),
    element('div', { class: 'columns' }, ...await Promise.all(chosen.map((id) => column(id, leaving.signal)))));
  say(chosen.length > 0 ? '' : count(running.length, 'run') + ' under way');
}
