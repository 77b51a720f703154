/* --- The page --------------------------------------------------------------------------------- */

/* What ran, in a line; and what has to be known before anything else is read. */
function showOverview() {
  const sum = (of) => data.steps.reduce((total, step) => total + of(step), 0);
  const failed = sum((step) => step.started - step.completed);
  const flagged = data.steps.filter(isFlagged).length;
  const labels = [...new Set(data.runs.flatMap((run) => run.labels.map(([name, value]) => `${name}: ${value}`)))];
  const counts = [count(data.runs.length, 'run'), count(modelNames.length, 'model'), count(data.steps.length, 'step'), count(sum((step) => step.started), 'request'),
    `${digits(failed)} failed`, flagged > 0 ? `${count(flagged, 'step')} with a remark` : null].filter(Boolean);
  section('overview', '',
    ...data.notes.map((note) => el('p', {class: 'note'}, note)),
    labels.length > 0 ? el('ul', {class: 'chips', 'aria-label': 'Labels'}, labels.map((label) => el('li', {}, label))) : null,
    el('p', {class: 'faint small'}, `${counts.join(' · ')}. ${data.title}, ${data.made_by}, ${data.made_at.slice(0, 16).replace('T', ' ')} UTC.`));
}

/* --- Failures and health ---------------------------------------------------------------------- */

function stepNumbers(steps) {
  const named = steps.slice(0, 8).map((step) => digits(step.index + 1)).join(', ');
  return steps.length > 8 ? `${named} and ${digits(steps.length - 8)} more` : named;
}

function showFailures() {
  const kinds = new Map();
  for (const step of data.steps) {
    for (const [code, times, example] of step.errors) {
      const kind = kinds.get(code) || {code, times: 0, example, steps: []};
      kind.times += times;
      kind.example = kind.example || example;
      kind.steps.push(step);
      kinds.set(code, kind);
    }
  }
  if (kinds.size === 0) return;
  section('failures', 'Failures', makeTable([
    {name: 'Kind', value: (kind) => kind.code},
    {name: 'Requests', number: true, value: (kind) => kind.times},
    {name: 'Steps', value: (kind) => stepNumbers(kind.steps)},
    {name: 'Example', wide: true, value: (kind) => kind.example || '–'},
  ], [...kinds.values()].sort((a, b) => b.times - a.times)));
}

/* Without its numbers, a remark is the same from step to step. */
const remarkKind = (remark) => remark.replace(/[0-9][0-9.,]*(e-?[0-9]+)?/g, '#');

function showHealth() {
  const kinds = new Map();
  for (const step of data.steps) {
    const remarks = [...(step.verdict !== 'valid' ? [`Measurement ${step.verdict}${step.reason ? `: ${step.reason}` : ''}`] : []), ...step.flags];
    for (const remark of remarks) {
      const kind = kinds.get(remarkKind(remark)) || {remark, steps: []};
      kind.steps.push(step);
      kinds.set(remarkKind(remark), kind);
    }
  }
  section('health', 'Health of the measurement', kinds.size === 0
    ? el('p', {}, `The client kept up in all of ${count(data.steps.length, 'step')}.`)
    : makeTable([
      {name: 'Steps', number: true, value: (kind) => kind.steps.length},
      {name: 'Remark', wide: true, title: 'With the figures of the first of these steps', value: (kind) => kind.remark},
      {name: 'Which', value: (kind) => stepNumbers(kind.steps)},
    ], [...kinds.values()].sort((a, b) => b.steps.length - a.steps.length)));
}

/* --- Settings --------------------------------------------------------------------------------- */

function facts(list) {
  return el('dl', {}, list.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function showEnvironment() {
  section('settings', 'What was asked, and of whom', ...data.runs.map((run) => el('details', {},
    el('summary', {}, runTitle(run)), ranksOf(run), facts(run.facts),
    el('details', {}, el('summary', {}, 'Settings, without secrets'), facts(run.settings)))));
}

/* --- All of it -------------------------------------------------------------------------------- */

function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  colourAll();
  for (const canvas of drawings.keys()) redraw(canvas);
  for (const cell of document.querySelectorAll('td.heat'))
    cell.style.backgroundColor = cell.style.backgroundColor.replace(/\(.*,/, `(${styleOf('--heat')},`);
}

function showSteps() {
  if (data.steps.length === 0) return;
  showRows();
  showRun();
  showTable();
  if (data.steps.length === 1) choose(data.steps[0]);
  showFailures();
  showHealth();
}

function start() {
  showTitle();
  showTheme(window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.getElementById('theme').addEventListener('click', () => showTheme(isDark() ? 'light' : 'dark'));
  showOverview();
  showQualification();
  showStudy();
  showSearch();
  showMixes();
  showTurns();
  showSteps();
  showEnvironment();
  if (headline.kind === 'batch') document.getElementById('run').after(document.getElementById('switching'));
  if (headline.kind === 'failed') document.getElementById('overview').after(document.getElementById('failures'));
  showHeadline();
  /* Paper has no view to come into, and is light. */
  let before = 'light';
  window.addEventListener('beforeprint', () => { before = document.documentElement.dataset.theme; showTheme('light'); drawAll(); });
  window.addEventListener('afterprint', () => showTheme(before));
}

start();
