/* --- Over the run's time ---------------------------------------------------------------------- */

const pointsMost = 6000, binsMost = 120;
const view = {run: 0, log: false};

/* The first send of the run that is shown, which may be a probe's. */
function runOrigin(steps) {
  return steps.reduce((least, step) => step.probe.start_s.reduce((first, start) => (isKnown(start) ? Math.min(first, step.began_s + start) : first), least), 0);
}

/* TTFTs of the run's requests by model, thinned; exposed requests, of the probe too, are all kept: they are
 * ringed, and no others. */
function ttftPoints() {
  const steps = data.steps.filter((step) => step.run === view.run);
  const total = steps.reduce((sum, step) => sum + step.requests.index.length + step.probe.index.length, 0);
  const fraction = Math.min(1, pointsMost / Math.max(1, total)), origin = runOrigin(steps);
  const made = {byModel: new Map(), switches: [], exposed: [], drawn: 0, total: 0};
  for (const step of steps) {
    const points = made.byModel.get(step.model) || made.byModel.set(step.model, []).get(step.model);
    const rings = step.switch && step.switch.verdict === 'detected' ? made.switches : made.exposed;
    made.total += step.requests.total + step.probe.total;
    for (const part of [step.probe, step.requests]) {
      for (const i of thinned(part.index.length, Math.max(2, part.index.length * fraction), (k) => Boolean(part.exposed[k]))) {
        if (!isKnown(part.client_ttft_s[i]) || (view.log && part.client_ttft_s[i] <= 0)) continue;
        const point = {x: step.began_s + part.start_s[i] - origin, y: part.client_ttft_s[i], step, isProbe: part === step.probe};
        points.push(point);
        if (part.exposed[i]) rings.push(point);
        made.drawn++;
      }
    }
  }
  return made;
}

function ringSet(label, points, width, radius) {
  return {label, data: points, pointRadius: radius, pointStyle: 'circle', borderWidth: width, backgroundColor: 'transparent',
    borderColor: styleOf('--text'), clip: false};
}

function ttftChart() {
  const points = ttftPoints();
  const sets = [...points.byModel].map(([model, list]) => ({label: brief(model, 28), data: list, pointRadius: 2.5,
    pointStyle: modelShape(model), backgroundColor: modelColour(model), borderColor: modelColour(model)}));
  if (points.exposed.length > 0) sets.unshift(ringSet('exposed, no switch found', points.exposed, 0.6, 6));
  if (points.switches.length > 0) sets.unshift(ringSet('switch', points.switches, 2, 8));
  const values = sets.flatMap((set) => set.data.map((point) => point.y));
  return {
    type: 'scatter',
    data: {datasets: sets},
    options: {
      normalized: true,
      scales: {x: axis('Time since the run\'s first request', 's', [1, ...sets.flatMap((set) => set.data.map((point) => point.x))], {beginAtZero: true}),
        y: axis('TTFT', 's', values, view.log ? {type: 'logarithmic'} : {beginAtZero: true})},
      plugins: {
        legend: {position: 'bottom', labels: {boxWidth: 10, usePointStyle: true}},
        tooltip: {callbacks: {label: ({raw, dataset}) => (dataset.label === 'switch' ? switchSentence(raw.step)
          : `${stepLabel(raw.step)}${raw.isProbe ? ', probe' : ''}: TTFT ${seconds(raw.y)}`)}},
      },
    },
  };
}

/* Output tokens per second over the run's time, in no more bins than a picture shows. */
function tokenBins(tokens) {
  const every = Math.max(1, Math.ceil(tokens.amount.length / binsMost)), bins = [];
  for (let i = 0; i < tokens.amount.length; i += every) {
    const sum = tokens.amount.slice(i, i + every).reduce((total, amount) => total + amount, 0);
    bins.push({x: (i + every / 2) * tokens.width_s, y: sum / (every * tokens.width_s)});
  }
  return {bins, width: every * tokens.width_s};
}

function throughputChart(tokens) {
  const {bins} = tokenBins(tokens);
  return {
    type: 'scatter',
    data: {datasets: [{label: 'throughput', data: bins, showLine: true, stepped: 'middle', fill: true, pointRadius: 0, pointHitRadius: 8, borderWidth: 1.5,
      borderColor: client.colour, backgroundColor: `${client.colour}44`}]},
    options: {
      scales: {x: axis('Time since the first request', 's', [1, ...bins.map((bin) => bin.x)], {beginAtZero: true}), y: axis('Throughput', 'tokens/s', [], {beginAtZero: true})},
      plugins: {legend: {display: false}, tooltip: {callbacks: {label: ({raw}) => `${quantity(raw.y, 'tokens/s')} at ${seconds(raw.x)}`}}},
    },
  };
}

function throughputOverTime() {
  const tokens = data.runs[view.run].tokens;
  if (tokens.amount.length < 2) return null;
  return figure('Throughput over the run\'s time', `Output tokens of completed requests, from their first token to their end, over ${seconds(tokenBins(tokens).width)} each. Probes are not counted.`,
    () => throughputChart(tokens), {wide: true, height: 220});
}

function ringWords(points) {
  const exposed = points.switches.length + points.exposed.length;
  if (exposed === 0) return 'No request was exposed to a switch.';
  const steps = new Set(points.switches.map((point) => point.step)).size;
  return `Rings: ${count(exposed, 'exposed request')}, which may have waited for a switch; bold where the step shows one` +
    ` (${count(steps, 'step')}).`;
}

function showRun() {
  const points = ttftPoints();
  if (points.drawn === 0) return;
  const caption = `${points.drawn < points.total ? `${digits(points.drawn)} of ${count(points.total, 'request')} are drawn. ` : ''}${ringWords(points)}`;
  const place = document.getElementById('run');
  const again = () => { forget(place); showRun(); };
  const controls = el('div', {class: 'controls'},
    data.runs.length > 1 ? el('select', {'aria-label': 'Run', onchange: (event) => { view.run = Number(event.target.value); again(); }},
      data.runs.map((run, i) => el('option', {value: i, selected: i === view.run}, runTitle(run)))) : null,
    el('label', {}, el('input', {type: 'checkbox', id: 'log', checked: view.log, onchange: (event) => { view.log = event.target.checked; again(); }}), 'Logarithmic'));
  section('run', 'Over the run\'s time', controls,
    el('div', {class: 'charts'}, figure('TTFT of every request, by its model', caption, ttftChart, {wide: true, height: 340}), throughputOverTime()));
}
