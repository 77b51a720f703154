/* --- Rows over all their visits --------------------------------------------------------------- */

/* What the drawn requests of a row took: its points, where they are few. */
function rowPoints(row, key) {
  return row.requests < fewValues ? row.steps.flatMap((step) => requestValues(step, key)) : [];
}

function rowGroup(row, key, label) {
  return {label, requests: row.requests, client: row[`client_${key}`], server: row[`server_${key}`],
    points: {client: rowPoints(row, `client_${key}`), server: rowPoints(row, `server_${key}`)}};
}

/* --- Models side by side ---------------------------------------------------------------------- */

/* Rows of different models that are asked the same under the same load, by that: [[words, rows]]. */
function equalLoads() {
  const byLoad = new Map();
  for (const row of data.rows) {
    const words = [row.tokens, row.load, row.image ? `image ${row.image}` : '', row.mix ? `mix ${row.mix}` : ''].filter(Boolean).join(' ');
    byLoad.set(words, [...(byLoad.get(words) || []), row]);
  }
  return [...byLoad].map(([words, rows]) => [words, rows.filter((row) => row.requests > 0)]).filter(([, rows]) => new Set(rows.map((row) => row.model)).size > 1);
}

/* So many rows of one visit each have a table of their own, beside that of the steps. */
const rowsMost = 100;

const sides = {load: 0};

function sideFigures(rows, words) {
  const label = (row) => brief(row.model, 18);
  return [['ttft_s', 'TTFT', 's'], ['output_token_per_s', 'Output speed per request', 'tokens/s']].map(([key, title, unit]) => {
    const groups = rows.map((row) => rowGroup(row, key, label(row)));
    return isWorthDrawing(groups) ? figure(`${title} by model`, `Rows of ${words}: median with p5 to p95 over all their requests; points where there are fewer than ${fewValues}.`,
      () => boxChart(groups, title, unit)) : null;
  });
}

function sideBySide() {
  const loads = equalLoads();
  if (loads.length === 0) return [];
  const place = el('div', {id: 'models'});
  const show = () => {
    const [words, rows] = loads[sides.load];
    forget(place);
    place.replaceChildren(el('h3', {class: 'below'}, `Models side by side at ${words}`),
      ...(loads.length > 1 ? [el('div', {class: 'controls'}, el('select', {'aria-label': 'Load', id: 'load',
        onchange: (event) => { sides.load = Number(event.target.value); show(); }},
        loads.map(([name], i) => el('option', {value: i, selected: i === sides.load}, name))))] : []),
      el('div', {class: 'charts'}, sideFigures(rows, words)));
  };
  show();
  return [place];
}

/* --- Latency against load --------------------------------------------------------------------- */

/* Rows that differ in their load alone, where there are several loads: one curve each. */
function curvesOf(key) {
  const byRow = new Map();
  for (const row of data.rows.filter((one) => one[key] !== null && !one.mix && one.client_ttft_s)) {
    const words = JSON.stringify([row.model, row.tokens, row.image]);
    byRow.set(words, [...(byRow.get(words) || []), row]);
  }
  return [...byRow.values()].map((rows) => rows.sort((a, b) => a[key] - b[key]))
    .filter((rows) => new Set(rows.map((row) => row[key])).size > 1);
}

function curveName(rows) {
  return `${brief(rows[0].model, 24)} ${rows[0].tokens}${rows[0].image ? ` image ${rows[0].image}` : ''}`;
}

function curveSet(rows, x, quantile, dashed) {
  const colour = modelColour(rows[0].model);
  return {label: `${curveName(rows)}${dashed ? ', p95' : ''}`, data: rows.map((row) => ({x: x(row), y: row.client_ttft_s[quantile], row})),
    showLine: true, borderColor: colour, backgroundColor: colour, borderWidth: dashed ? 1 : 2, borderDash: dashed ? [5, 4] : [],
    pointStyle: modelShape(rows[0].model), pointRadius: dashed ? 2 : 4, tension: 0};
}

function curveChart(sets, xAxis) {
  return {
    type: 'scatter',
    data: {datasets: sets},
    options: {
      scales: {x: xAxis, y: axis('TTFT', 's', sets.flatMap((set) => set.data.map((point) => point.y)), {beginAtZero: true})},
      plugins: {legend: {position: 'bottom', labels: {boxWidth: 10, usePointStyle: true}},
        tooltip: {callbacks: {label: ({raw}) => `${raw.row.label}: TTFT p50 ${seconds(raw.row.client_ttft_s[1])}, p95 ${seconds(raw.row.client_ttft_s[2])}` +
          `, throughput ${quantity(raw.row.client_total_output_throughput, 'tokens/s')}`}}},
    },
  };
}

function curveFigures(key, title, unit) {
  const curves = curvesOf(key);
  if (curves.length === 0) return [];
  const throughput = (row) => row.client_total_output_throughput;
  const supported = (rows) => rows.filter((row) => row.requests >= fewValues);
  const against = () => curveChart([...curves.map((rows) => curveSet(rows, (row) => row[key], 1, false)),
    ...curves.filter((rows) => supported(rows).length > 1).map((rows) => curveSet(supported(rows), (row) => row[key], 2, true))],
    axis(title, unit, [], {beginAtZero: true}));
  const points = curves.flat().map(throughput).filter(isKnown);
  return [
    figure(`TTFT against ${title.toLowerCase()}`, `Medians over all requests of a row; dashed p95, where a row has ${fewValues} requests.`, against),
    points.length > 1 ? figure(`TTFT against throughput, by ${title.toLowerCase()}`, `From left to right: what a row's output tokens per second cost in TTFT (median). Each point is a row, in the order of its ${title.toLowerCase()}.`,
      () => curveChart(curves.map((rows) => curveSet(rows.filter((row) => isKnown(throughput(row))), throughput, 1, false)),
        axis('Throughput', 'tokens/s', points, {beginAtZero: true}))) : null,
  ];
}

/* --- The table -------------------------------------------------------------------------------- */

/* How much the visits' medians vary: standard deviation by mean. */
function spreadOf(row, key) {
  const at = columnIndex(key), values = row.steps.map((step) => step.cells[at]).filter(isKnown);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  return values.length > 1 && mean > 0 ? ` ± ${share(deviation / mean)}` : '';
}

/* Rows that differ in their duration and their number of requests alone are told apart by them. */
function rowNames() {
  const alike = new Map();
  for (const row of data.rows) alike.set(row.label, (alike.get(row.label) || 0) + 1);
  return (row) => {
    const cellOf = (key) => (row.steps.length > 0 ? row.steps[0].cells[columnIndex(key)] : null);
    const requests = cellOf('num_requests'), duration = cellOf('duration_s');
    return alike.get(row.label) < 2 ? row.label : [row.label, isKnown(duration) ? valueOf(duration, 's') : '',
      isKnown(requests) ? count(requests, 'request') : ''].filter(Boolean).join(', ');
  };
}

function rowsTable() {
  const measure = (name, key, unit, column) => ({name, unit, title: `${key}_p50: the median over all requests of all visits; ± how much the visits' medians vary`,
    value: (row) => row[key]?.[1] ?? null, show: (row) => `${valueOf(row[key]?.[1] ?? null, unit)}${spreadOf(row, column)}`});
  return makeTable([
    {name: 'Row', value: rowNames(), wide: true},
    {name: 'Visits', number: true, value: (row) => row.visits},
    {name: 'Requests', number: true, title: 'Completed, in all visits', value: (row) => row.requests},
    measure('TTFT p50', 'client_ttft_s', 's', 'client_ttft_s_p50'),
    measure('Latency p50', 'client_end_to_end_latency_s', 's', 'client_end_to_end_latency_s_p50'),
    measure('Output speed p50', 'client_output_token_per_s', 'tokens/s', 'client_output_token_per_s_p50'),
    {name: 'Throughput', unit: 'tokens/s', title: 'client_total_output_throughput: the mean of the visits', value: (row) => row.client_total_output_throughput,
      show: (row) => `${valueOf(row.client_total_output_throughput, 'tokens/s')}${spreadOf(row, 'client_total_output_throughput')}`},
  ], data.rows, {id: 'passes'});
}

function showRows() {
  if (data.rows.every((row) => row.requests === 0)) return;
  const severalVisits = data.rows.some((row) => row.visits > 1);
  const curves = [...curveFigures('concurrent_requests', 'Concurrency', 'requests'), ...curveFigures('qps', 'Rate', 'requests/s')].filter(Boolean);
  section('latency', 'Latency and throughput',
    curves.length > 0 ? el('div', {class: 'charts'}, curves) : null,
    ...(severalVisits || data.rows.length <= rowsMost ? [el('h3', {class: 'below'}, severalVisits ? 'Rows over all their visits' : 'Rows'), rowsTable()] : []),
    ...sideBySide());
}
