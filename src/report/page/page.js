/* --- The page --------------------------------------------------------------------------------- */

function tile(value, words, kind) {
  return el('div', {class: `tile ${kind || ''}`}, el('strong', {}, value), words);
}

function showOverview() {
  const sum = (of) => data.steps.reduce((total, step) => total + of(step), 0);
  const failed = sum((step) => step.started - step.completed);
  const invalid = data.steps.filter((step) => step.verdict.startsWith('invalid')).length;
  const flagged = data.steps.filter(isFlagged).length;
  const labels = [...new Set(data.runs.flatMap((run) => run.labels.map(([name, value]) => `${name}: ${value}`)))];
  const found = data.steps.filter((step) => step.switch && step.switch.verdict === 'detected').length;
  section('overview', '',
    ...data.notes.map((note) => el('p', {class: 'note'}, note)),
    labels.length > 0 ? el('ul', {class: 'chips', 'aria-label': 'Labels'}, labels.map((label) => el('li', {}, label))) : null,
    el('div', {class: 'tiles'},
      tile(digits(data.steps.length), data.steps.length === 1 ? 'step' : 'steps'),
      tile(digits(modelNames.length), modelNames.length === 1 ? 'model' : 'models'),
      tile(digits(sum((step) => step.started)), 'requests'),
      tile(digits(failed), 'failed', failed > 0 ? 'bad' : ''),
      tile(digits(invalid), 'invalid measurements', invalid > 0 ? 'bad' : ''),
      tile(digits(flagged), 'steps with a remark', flagged > 0 ? 'doubt' : ''),
      tile(digits(found), 'switches detected')));
}

function facts(list) {
  return el('dl', {}, list.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function showEnvironment() {
  section('environment', 'Environment', ...data.runs.map((run) => el('details', {open: data.runs.length === 1},
    el('summary', {}, run.name), facts(run.facts),
    el('details', {}, el('summary', {}, 'Settings, without secrets'), facts(run.settings)))));
}

function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  colourAll();
  for (const canvas of drawings.keys()) redraw(canvas);
  if (data.study) showStudy();
}

function start() {
  document.title = `${data.title} – coebench`;
  document.getElementById('title').textContent = data.title;
  document.getElementById('made').textContent = `${data.made_by}, ${data.made_at.slice(0, 16).replace('T', ' ')} UTC`;
  showTheme(window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.getElementById('theme').addEventListener('click', () => showTheme(isDark() ? 'light' : 'dark'));
  showOverview();
  showQualification();
  if (data.steps.length > 0) {
    table.chosen = Math.max(0, data.steps.findIndex(isFlagged));
    showTable();
    showStep(data.steps[table.chosen]);
    showRun();
    showModels();
  }
  showEnvironment();
  /* Paper has no view to come into, and is light. */
  let before = 'light';
  window.addEventListener('beforeprint', () => { before = document.documentElement.dataset.theme; showTheme('light'); drawAll(); });
  window.addEventListener('afterprint', () => showTheme(before));
}

start();
