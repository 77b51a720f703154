/* --- The whole run ---------------------------------------------------------------------------- */

const pointsMost = 6000;
const view = {run: 0, log: false};

/* TTFTs of the run's requests by model, thinned; a step's first and its failures' places are kept. */
function ttftPoints() {
  const steps = data.steps.filter((step) => step.run === view.run);
  const total = steps.reduce((sum, step) => sum + step.requests.index.length, 0);
  const share = Math.min(1, pointsMost / Math.max(1, total));
  const byModel = new Map(), switches = [];
  let drawn = 0;
  for (const step of steps) {
    const requests = step.requests;
    const points = byModel.get(step.model) || byModel.set(step.model, []).get(step.model);
    for (const i of thinned(requests.index.length, Math.max(2, requests.index.length * share), (k) => k === 0)) {
      if (requests.ttft_s[i] === null || (view.log && requests.ttft_s[i] <= 0)) continue;
      points.push({x: step.began_s + requests.start_s[i], y: requests.ttft_s[i], step});
      drawn++;
    }
    if (step.switch && step.switch.verdict === 'detected' && requests.ttft_s[0] !== null && requests.ttft_s[0] !== undefined)
      switches.push({x: step.began_s + requests.start_s[0], y: requests.ttft_s[0], step});
  }
  return {byModel, switches, drawn, total: steps.reduce((sum, step) => sum + step.requests.total, 0)};
}

function ttftChart() {
  const points = ttftPoints();
  const sets = [...points.byModel].map(([model, list]) => ({label: brief(model, 28), data: list, pointRadius: 2.5,
    pointStyle: modelShape(model), backgroundColor: modelColour(model), borderColor: modelColour(model)}));
  if (points.switches.length > 0)
    sets.unshift({label: 'switch', data: points.switches, pointRadius: 8, pointStyle: 'circle', borderWidth: 2,
      backgroundColor: 'transparent', borderColor: styleOf('--text')});
  return {
    type: 'scatter',
    data: {datasets: sets},
    options: {
      normalized: true,
      scales: {x: axis('seconds since the run began', {beginAtZero: true}),
        y: axis('TTFT, s', view.log ? {type: 'logarithmic'} : {beginAtZero: true})},
      plugins: {
        legend: {position: 'bottom', labels: {boxWidth: 10, usePointStyle: true}},
        tooltip: {callbacks: {label: (item) => (item.dataset.label === 'switch' ? switchSentence(item.raw.step)
          : `${stepLabel(item.raw.step)}: TTFT ${seconds(item.raw.y)}`)}},
      },
    },
  };
}

function showRun() {
  const points = ttftPoints();
  const found = points.switches.length;
  const caption = `${points.drawn < points.total ? `${digits(points.drawn)} of ${count(points.total, 'request')} are drawn. ` : ''}` +
    `${found > 0 ? `Rings: ${count(found, 'step')} that began with a switch, by its first requests or its probe.` : 'No switch was detected.'}`;
  const place = document.getElementById('run');
  const again = () => { forget(place); showRun(); };
  const controls = el('div', {class: 'controls'},
    data.runs.length > 1 ? el('select', {'aria-label': 'Run', onchange: (event) => { view.run = Number(event.target.value); again(); }},
      data.runs.map((run, i) => el('option', {value: i, selected: i === view.run}, run.name))) : null,
    el('label', {}, el('input', {type: 'checkbox', id: 'log', checked: view.log, onchange: (event) => { view.log = event.target.checked; again(); }}), 'Logarithmic'));
  section('run', 'TTFT over time', controls,
    el('div', {class: 'charts'}, figure('Every request by its model', caption, ttftChart, {wide: true, height: 340})));
}

/* --- Models ----------------------------------------------------------------------------------- */

/* Means over a model's batches of their quantiles, each weighing as many as its requests. */
function modelRange(model, key) {
  const sum = [0, 0, 0];
  let weight = 0;
  for (const step of data.steps.filter((one) => one.model === model && !one.warmup)) {
    for (const batch of step.batches) {
      if (!batch[key]) continue;
      weight += batch.requests;
      batch[key].forEach((value, i) => { sum[i] += value * batch.requests; });
    }
  }
  return weight > 0 ? sum.map((value) => value / weight) : null;
}

function modelGroups(key) {
  return modelNames.map((model) => ({label: brief(model, 18), client: modelRange(model, `client_${key}`), server: modelRange(model, `server_${key}`)}));
}

function modelTable() {
  const median = (model, key) => (modelRange(model, key) || [null, null])[1];
  return el('div', {class: 'scroll low'}, el('table', {},
    el('thead', {}, el('tr', {}, ['model', 'steps', 'requests', 'failed', 'TTFT', 'end to end', 'output speed'].map((name, i) =>
      el('th', {scope: 'col', class: i > 0 ? 'number' : null}, name, el('span', {class: 'unit'}, ['', '', '', '', 's, median', 's, median', 'tokens/s, median'][i]))))),
    el('tbody', {}, modelNames.map((model) => {
      const steps = data.steps.filter((step) => step.model === model);
      const sum = (of) => steps.reduce((total, step) => total + of(step), 0);
      return el('tr', {}, cell(model), cell(steps.length), cell(sum((step) => step.started)), cell(sum((step) => step.started - step.completed)),
        cell(median(model, 'client_ttft_s')), cell(median(model, 'client_end_to_end_latency_s')), cell(median(model, 'client_output_token_per_s')));
    }))));
}

/* Rows over their visits: means of the visits' medians, and how much these vary. */
function passesTable() {
  const rows = new Map();
  for (const step of data.steps.filter((one) => !one.warmup)) rows.set(step.label, [...(rows.get(step.label) || []), step]);
  if (rows.size === 0 || rows.size === data.steps.length) return null;
  const keys = ['client_ttft_s_p50', 'client_end_to_end_latency_s_p50', 'client_output_token_per_s_p50', 'client_total_output_throughput']
    .filter((key) => columnIndex(key) >= 0);
  const spread = (steps, key) => {
    const values = steps.map((step) => step.cells[columnIndex(key)]).filter((value) => value !== null);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    return values.length === 0 ? '–' : `${digits(mean)}${values.length > 1 ? ` ± ${(100 * deviation / mean).toFixed(1)} %` : ''}`;
  };
  return [el('h3', {style: 'margin-top: 18px'}, 'Rows over all passes: means of their visits, ± how much these vary (standard deviation)'),
    el('div', {class: 'scroll low'}, el('table', {id: 'passes'},
      el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'row'), el('th', {scope: 'col', class: 'number'}, 'visits'),
        keys.map((key) => el('th', {scope: 'col', class: 'number'}, key.replaceAll('_', '_\u200b'), el('span', {class: 'unit'}, data.columns[columnIndex(key)].unit))))),
      el('tbody', {}, [...rows].map(([label, steps]) => el('tr', {}, cell(label), cell(steps.length),
        keys.map((key) => el('td', {class: 'number'}, spread(steps, key))))))))];
}

function showModels() {
  section('models', 'Models side by side', modelTable(),
    el('p', {class: 'faint small'}, 'Over all rows of a model, of whatever length and load: the means of their quantiles, each weighing as many as its requests.'),
    el('div', {class: 'charts'},
      figure('TTFT', 'Median with p5 to p95.', () => boxChart(modelGroups('ttft_s'), 's')),
      figure('Output speed per request', 'Median with p5 to p95.', () => boxChart(modelGroups('output_token_per_s'), 'tokens/s'))),
    ...(passesTable() || []));
}
