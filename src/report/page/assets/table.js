/* --- The table of steps ----------------------------------------------------------------------- */

/* Shown until all are asked for; those that the report has. */
const firstColumns = ['client_ttft_s_p50', 'client_ttft_s_max', 'client_end_to_end_latency_s_p50', 'client_output_token_per_s_p50',
  'client_total_output_throughput', 'goodput_requests_per_s', 'representative_batch_size', 'switch_estimate_s'];

/* Up to so many steps all passes stand open. */
const foldedFrom = 13;

const table = {sort: null, down: false, text: '', model: '', flagged: false, all: false, chosen: -1, open: new Set(), body: null, shown: null};

function columnIndex(key) {
  return data.columns.findIndex((column) => column.key === key);
}

/* The columns that stand now: {name, key, unit, title, value(step), show(step)}. */
function tableColumns() {
  const own = [
    {name: '#', title: 'In the order they ran', number: true, value: (step) => step.index + 1},
    {name: 'Row', title: 'What was asked: model, input→output tokens, load', value: stepLabel},
    {name: 'State', title: 'Whether the measurement holds', number: false, value: (step) => oddities(step).length, show: badge},
    {name: 'Completed', unit: 'of sent', title: 'Requests that ended well', value: (step) => step.completed,
      show: (step) => `${digits(step.completed)}/${digits(step.started)}`},
  ];
  const keys = table.all ? data.columns.map((column) => column.key) : firstColumns.filter((key) => columnIndex(key) >= 0);
  const rest = keys.map((key) => {
    const i = columnIndex(key), about = data.columns[i];
    return {name: about.label, key, unit: about.unit, title: `${key}: ${about.help}`, value: (step) => step.cells[i],
      number: about.unit ? true : data.steps.some((step) => typeof step.cells[i] === 'number')};
  });
  return own.concat(rest);
}

function compareValues(a, b) {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true});
}

function visibleSteps(columns) {
  const wanted = table.text.trim().toLowerCase();
  const steps = data.steps.filter((step) => (!table.model || step.model === table.model) && (!table.flagged || isFlagged(step)) &&
    (!wanted || `${stepLabel(step)} ${step.name}`.toLowerCase().includes(wanted)));
  const by = columns.find((column) => idOf(column) === table.sort);
  if (by) {
    steps.sort((a, b) => {
      const x = by.value(a), y = by.value(b);
      if (x === null || y === null) return (x === null) - (y === null); /* the unknown last, either way */
      return table.down ? -compareValues(x, y) : compareValues(x, y);
    });
  }
  return steps;
}

/* Labels need not differ from the page's own columns; keys do. */
const idOf = (column) => column.key || column.name;

function sortBy(id) {
  table.down = table.sort === id && !table.down;
  table.sort = id;
  fillTable();
}

function heading(column) {
  const sorted = table.sort === idOf(column) ? (table.down ? 'descending' : 'ascending') : 'none';
  const unit = headUnit(column.unit);
  return el('th', {scope: 'col', 'aria-sort': sorted, tabindex: 0, title: column.title || null, 'data-key': column.key || null, 'data-place': `column ${idOf(column)}`,
    class: column.number || column.unit ? 'number' : null, onclick: () => sortBy(idOf(column)),
    onkeydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); sortBy(idOf(column)); } }},
    el('span', {class: 'name'}, column.name), unit ? el('span', {class: 'unit'}, unit) : null);
}

/* A second click on a line closes its charts. */
function choose(step) {
  table.chosen = table.chosen === step.index ? -1 : step.index;
  showChosen();
}

function showChosen() {
  const old = table.body.querySelector('tr.charts-of');
  if (old) {
    forget(old);
    old.remove();
  }
  for (const row of table.body.querySelectorAll('tr.choosable')) {
    const chosen = Number(row.dataset.step) === table.chosen;
    row.setAttribute('aria-selected', String(chosen));
    row.setAttribute('aria-expanded', String(chosen));
    if (chosen) row.after(el('tr', {class: 'charts-of'}, el('td', {colspan: row.cells.length}, stepCharts(data.steps[table.chosen]))));
  }
}

function tableRow(step, columns) {
  return el('tr', {class: 'choosable', tabindex: 0, 'data-step': step.index, title: oddities(step).join('\n') || null, onclick: () => choose(step),
    onkeydown: (event) => { if (event.key === 'Enter') choose(step); }}, columns.map((column) => tableCell(column, step)));
}

/* --- Passes ----------------------------------------------------------------------------------- */

const passName = (step) => `${data.runs.length > 1 ? `${runTitle(data.runs[step.run])}: ` : ''}${step.warmup ? 'Warm-ups' : `Pass ${step.pass}`}`;

function passSummary(steps) {
  const flagged = steps.filter(isFlagged).length, found = steps.filter((step) => step.switch && step.switch.verdict === 'detected');
  const costs = found.map((step) => step.switch.value_s).sort((a, b) => a - b);
  return [count(steps.length, 'step'),
    found.length > 0 ? `${count(found.length, 'switch', 'switches')}, ${secondsRange(costs[0], costs.at(-1))}` : null,
    flagged > 0 ? `${flagged} with a remark` : null].filter(Boolean).join(' · ');
}

function passRow(name, steps, columns) {
  const open = table.open.has(name);
  const turn = () => { if (open) table.open.delete(name); else table.open.add(name); fillTable(); };
  return el('tr', {class: 'pass'}, el('td', {colspan: columns.length},
    el('span', {class: 'pass-words'}, el('button', {type: 'button', class: 'fold', 'data-place': `pass ${name}`, 'aria-expanded': String(open), onclick: turn}, `${open ? '▾' : '▸'} ${name}`), ` ${passSummary(steps)}`)));
}

/* The steps folded by pass; a sorted or filtered list stands as it is. */
function tableRows(steps, columns) {
  const narrowed = table.sort || table.text || table.model || table.flagged;
  if (!severalPasses || narrowed) return steps.map((step) => tableRow(step, columns));
  const passes = new Map();
  for (const step of steps) passes.set(passName(step), [...(passes.get(passName(step)) || []), step]);
  return [...passes].flatMap(([name, list]) => [passRow(name, list, columns), ...(table.open.has(name) ? list.map((step) => tableRow(step, columns)) : [])]);
}

/* What has the keyboard's focus keeps it, though it is made anew. */
function fillTable() {
  const columns = tableColumns();
  const steps = visibleSteps(columns);
  const focused = document.activeElement && document.activeElement.dataset.place;
  forget(table.body);
  table.head.replaceChildren(el('tr', {}, columns.map(heading)));
  table.body.replaceChildren(...tableRows(steps, columns));
  table.shown.textContent = steps.length === data.steps.length ? `All ${count(steps.length, 'step')}.` : `${digits(steps.length)} of ${count(data.steps.length, 'step')}.`;
  showChosen();
  if (focused) {
    const again = [...table.head.parentElement.querySelectorAll('[data-place]')].find((one) => one.dataset.place === focused);
    if (again) again.focus();
  }
}

/* --- Export ----------------------------------------------------------------------------------- */

function csvCell(value) {
  if (value === null) return '';
  const text = String(value);
  /* A spreadsheet takes what begins so for a formula. */
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/* All columns of the steps that are shown, headed by their keys. */
function stepsCsv() {
  const lines = visibleSteps(tableColumns()).map((step) => step.cells.map(csvCell).join(','));
  return [data.columns.map((column) => csvCell(column.key)).join(','), ...lines].join('\r\n');
}

function saveCsv() {
  const address = URL.createObjectURL(new Blob([`${stepsCsv()}\r\n`], {type: 'text/csv'}));
  el('a', {href: address, download: `${data.title}_steps.csv`}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function showTable() {
  table.head = el('thead');
  table.body = el('tbody');
  table.shown = el('p', {class: 'faint small', 'aria-live': 'polite'});
  const change = (key, value) => { table[key] = value; fillTable(); };
  if (data.steps.length < foldedFrom) data.steps.forEach((step) => table.open.add(passName(step)));
  section('steps', 'Steps',
    el('div', {class: 'controls'},
      el('input', {type: 'search', id: 'filter', placeholder: 'Find a model or row', 'aria-label': 'Find a model or row',
        oninput: (event) => change('text', event.target.value)}),
      el('select', {id: 'model', 'aria-label': 'Model', onchange: (event) => change('model', event.target.value)},
        el('option', {value: ''}, 'All models'), modelNames.map((name) => el('option', {value: name}, name))),
      el('label', {}, el('input', {type: 'checkbox', id: 'flagged', onchange: (event) => change('flagged', event.target.checked)}), 'Only flagged'),
      el('label', {}, el('input', {type: 'checkbox', id: 'all', onchange: (event) => change('all', event.target.checked)}), 'All columns'),
      el('button', {type: 'button', class: 'control', id: 'csv', title: 'All columns, headed by their keys', onclick: saveCsv}, 'Save as CSV')),
    scroller(el('table', {id: 'table', class: 'cards', role: 'treegrid', 'aria-label': 'Steps'}, table.head, table.body), 'tall'), table.shown,
    el('p', {class: 'faint small hint'}, 'Choose a line to see its charts below it. Point at a heading to read what it means, and its key in files.'));
  fillTable();
}
