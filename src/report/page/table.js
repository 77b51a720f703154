/* --- The table of steps ----------------------------------------------------------------------- */

/* Shown until all are asked for; those that the report has. */
const firstColumns = ['client_ttft_s_p50', 'client_ttft_s_max', 'client_end_to_end_latency_s_p50', 'client_output_token_per_s_p50',
  'client_total_output_throughput', 'goodput_requests_per_s', 'representative_batch_size', 'switching_time', 'switch_estimate_s'];

const table = {sort: null, down: false, text: '', model: '', flagged: false, all: false, chosen: 0, body: null, shown: null};

function columnIndex(key) {
  return data.columns.findIndex((column) => column.key === key);
}

/* The columns that stand now: {name, unit, help, value(step), show(step)}. */
function tableColumns() {
  const own = [
    {name: '#', unit: '', help: 'In the order they ran', value: (step) => step.index + 1},
    {name: 'row', unit: '', help: 'What was asked: model, input→output tokens, load', value: stepLabel},
    {name: 'state', unit: '', help: 'Whether the measurement holds', value: (step) => oddities(step).length, show: badge},
    {name: 'completed', unit: 'of sent', help: 'Requests that ended well', value: (step) => step.completed,
      show: (step) => `${digits(step.completed)}/${digits(step.started)}`, right: true},
  ];
  const keys = table.all ? data.columns.map((column) => column.key) : firstColumns.filter((key) => columnIndex(key) >= 0);
  const rest = keys.map((key) => {
    const i = columnIndex(key);
    return {name: key.replaceAll('_', '_\u200b'), unit: data.columns[i].unit, help: data.columns[i].help, value: (step) => step.cells[i]};
  });
  return own.concat(rest);
}

function compareValues(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true});
}

function visibleSteps(columns) {
  const wanted = table.text.trim().toLowerCase();
  const steps = data.steps.filter((step) => (!table.model || step.model === table.model) && (!table.flagged || isFlagged(step)) &&
    (!wanted || `${stepLabel(step)} ${step.name}`.toLowerCase().includes(wanted)));
  const by = columns.find((column) => column.name === table.sort);
  if (by) {
    steps.sort((a, b) => {
      const x = by.value(a), y = by.value(b);
      if (x === null || y === null) return (x === null) - (y === null); /* the unknown last, either way */
      return table.down ? -compareValues(x, y) : compareValues(x, y);
    });
  }
  return steps;
}

function sortBy(name) {
  table.down = table.sort === name && !table.down;
  table.sort = name;
  fillTable();
}

function heading(column) {
  const sorted = table.sort === column.name ? (table.down ? 'descending' : 'ascending') : 'none';
  return el('th', {scope: 'col', 'aria-sort': sorted, tabindex: 0, title: column.help || null, class: column.unit ? 'number' : null,
    onclick: () => sortBy(column.name),
    onkeydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); sortBy(column.name); } }},
    el('span', {class: 'name'}, column.name), el('span', {class: 'unit'}, column.unit));
}

function choose(step) {
  table.chosen = step.index;
  for (const row of table.body.rows) row.setAttribute('aria-selected', String(Number(row.dataset.step) === table.chosen));
  showStep(step);
}

function tableRow(step, columns) {
  const row = el('tr', {class: 'choosable', tabindex: 0, 'data-step': step.index, 'aria-selected': String(step.index === table.chosen),
    title: oddities(step).join('\n') || null, onclick: () => choose(step),
    onkeydown: (event) => { if (event.key === 'Enter') choose(step); }});
  for (const column of columns) {
    const value = column.value(step);
    row.append(column.show ? el('td', {class: column.right ? 'number' : null}, column.show(step))
      : cell(value, {class: column.unit || typeof value === 'number' || value === null ? 'number' : null}));
  }
  return row;
}

function fillTable() {
  const columns = tableColumns();
  const steps = visibleSteps(columns);
  const focused = document.activeElement && document.activeElement.querySelector ? document.activeElement.querySelector('.name') : null;
  table.head.replaceChildren(el('tr', {}, columns.map(heading)));
  table.body.replaceChildren(...steps.map((step) => tableRow(step, columns)));
  table.shown.textContent = steps.length === data.steps.length ? `All ${count(steps.length, 'step')}.` : `${digits(steps.length)} of ${count(data.steps.length, 'step')}.`;
  if (focused) {
    const again = [...table.head.querySelectorAll('.name')].find((name) => name.textContent === focused.textContent);
    if (again) again.parentElement.focus();
  }
}

function showTable() {
  table.head = el('thead');
  table.body = el('tbody');
  table.shown = el('p', {class: 'faint small', 'aria-live': 'polite'});
  const change = (key, value) => { table[key] = value; fillTable(); };
  section('steps', 'Steps',
    el('div', {class: 'controls'},
      el('input', {type: 'search', id: 'filter', placeholder: 'Find a model or row', 'aria-label': 'Find a model or row',
        oninput: (event) => change('text', event.target.value)}),
      el('select', {id: 'model', 'aria-label': 'Model', onchange: (event) => change('model', event.target.value)},
        el('option', {value: ''}, 'All models'), modelNames.map((name) => el('option', {value: name}, name))),
      el('label', {}, el('input', {type: 'checkbox', id: 'flagged', onchange: (event) => change('flagged', event.target.checked)}), 'Only flagged'),
      el('label', {}, el('input', {type: 'checkbox', id: 'all', onchange: (event) => change('all', event.target.checked)}), 'All columns')),
    el('div', {class: 'scroll'}, el('table', {id: 'table'}, table.head, table.body)), table.shown,
    el('p', {class: 'faint small'}, 'Choose a line to see its charts below. Point at a heading to read what it tells.'));
  fillTable();
}
