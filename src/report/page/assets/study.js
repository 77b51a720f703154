/* --- The study of switches -------------------------------------------------------------------- */

/* Of the visits of which it is known whether they paid. */
function paidOf(one) {
  return `${one.paid}/${one.paid + one.not_paid}`;
}

function studyTable(rows) {
  return makeTable([
    {name: '#', number: true, value: (row) => rows.indexOf(row) + 1},
    {name: 'To row', value: (row) => row.label, wide: true},
    {name: 'Verdict', value: (row) => row.verdict, cellTitle: (row) => row.reason || null},
    {name: 'Switch', unit: 's', title: 'cost_s: what a visit that paid waited, the mean', value: (row) => row.cost_s},
    {name: 'Interval', number: true, title: 'cost_low_s, cost_high_s', value: () => '', show: (row) => (row.cost_s === null ? '–' : secondsRange(row.low_s, row.high_s))},
    {name: 'Paid', number: true, title: 'visits_paid: visits that waited for a switch', value: (row) => row.paid},
    {name: 'Not paid', number: true, title: 'visits_not_paid', value: (row) => row.not_paid},
    {name: 'Unknown', number: true, title: 'visits_unknown: visits that could not have shown one', value: (row) => row.unknown},
  ], rows, {id: 'costs'});
}

/* Darker where more is paid; the text says it too. */
function matrixCell(one, most, from, to) {
  if (!one) return el('td', {class: 'none'}, '·');
  const part = one.paid > 0 ? one.cost_s / most : 0;
  const where = `${from.label} → ${to.label}: ${one.paid} of ${one.paid + one.not_paid} visits paid` +
    (one.unknown > 0 ? `, ${one.unknown} could not have shown it` : '') +
    (one.paid > 0 ? `, ${seconds(one.cost_s)} (${secondsRange(one.low_s, one.high_s)})` : '') +
    `; share at 95 %: ${share(one.share_low)} to ${share(one.share_high)}`;
  const element = el('td', {title: where, 'data-value': one.paid > 0 ? one.cost_s : null}, one.paid > 0 ? seconds(one.cost_s) : '–', el('small', {}, paidOf(one)));
  if (part > 0) {
    element.classList.add('heat');
    element.style.backgroundColor = `rgba(${styleOf('--heat')}, ${(0.08 + 0.5 * part).toFixed(3)})`;
  }
  return element;
}

/* Rows' names as heads: short, and their whole names behind them; with their loads where a model has several. */
function matrixName(study, row, most) {
  const model = row.label.split(' ')[0];
  const alone = study.rows.filter((other) => other.label.split(' ')[0] === model).length === 1;
  return alone ? brief(model, most) : `${brief(model, most)} ${row.label.slice(model.length + 1)}`;
}

/* Rows and columns that no visit fills are left out; one column alone is no matrix, nor is one visit each. */
function matrixTable(study) {
  const all = study.rows.map((_, i) => i);
  const froms = all.filter((i) => study.matrix[i].some(Boolean)), tos = all.filter((i) => study.matrix.some((cells) => cells[i]));
  if (froms.length < 2 || tos.length < 2 || tos.every((to) => study.matrix.filter((cells) => cells[to]).length < 2)) return null;
  const costs = study.matrix.flat().filter((one) => one && one.paid > 0).map((one) => one.cost_s);
  const most = Math.max(...costs, 1e-9), few = tos.length <= 10;
  return [el('h3', {class: 'below'}, 'From row to row: what a switch cost, and how many of the visits paid'),
    scroller(el('table', {class: 'matrix', id: 'matrix'},
      el('thead', {}, el('tr', {}, el('th', {}, 'from ↓  to →'), tos.map((i) => el('th', {scope: 'col', title: study.rows[i].label}, few ? matrixName(study, study.rows[i], 14) : String(i + 1))))),
      el('tbody', {}, froms.map((from) => el('tr', {},
        el('th', {scope: 'row', title: study.rows[from].label}, `${few ? '' : `${from + 1}  `}${matrixName(study, study.rows[from], 24)}`),
        tos.map((to) => matrixCell(study.matrix[from][to], most, study.rows[from], study.rows[to])))))))];
}

/* --- What the node shows ---------------------------------------------------------------------- */

function tileText(id) {
  const tile = headline.tiles.find((one) => one.section === id);
  return tile ? el('p', {}, `${tile.text}.`) : null;
}

function residencyChart(study) {
  const groups = study.residency;
  return {
    type: 'bar',
    data: {labels: groups.map((one) => digits(one.others)), datasets: [
      {label: 'paid', data: groups.map((one) => one.paid), backgroundColor: server.colour, maxBarThickness: 46},
      {label: 'not paid', data: groups.map((one) => one.visits - one.paid), backgroundColor: `${client.colour}66`, maxBarThickness: 46}]},
    options: {
      scales: {x: {...nameAxis(`other ${study.by_configuration ? 'configurations' : 'rows'} that ran since`), stacked: true},
        y: axis('Revisits', '', [], {beginAtZero: true, stacked: true})},
      plugins: {legend: {position: 'bottom', labels: {boxWidth: 14}}},
    },
  };
}

function loadingChart(study) {
  const known = study.models.filter((model) => isKnown(model.weight_gb) && isKnown(model.cost_s));
  const far = Math.max(...known.map((model) => model.weight_gb));
  const {overhead_s: overhead, gb_per_s: speed} = study.loading;
  return {
    type: 'scatter',
    data: {datasets: [...known.map((model) => ({label: brief(model.name, 24), data: [{x: model.weight_gb, y: model.cost_s}], pointRadius: 5,
      pointStyle: modelShape(model.name), backgroundColor: modelColour(model.name), borderColor: modelColour(model.name)})),
    {label: 'overhead + weight ÷ speed', data: [{x: 0, y: overhead}, {x: far, y: overhead + far / speed}], showLine: true, pointRadius: 0, borderWidth: 1,
      borderColor: styleOf('--faint'), pointStyle: 'line'}]},
    options: {
      scales: {x: axis('Weights', 'GB', [], {beginAtZero: true}), y: axis('Switch', 's', known.map((model) => model.cost_s), {beginAtZero: true})},
      plugins: {legend: {position: 'bottom', labels: {boxWidth: 10, usePointStyle: true}},
        tooltip: {callbacks: {label: ({raw, dataset}) => `${dataset.label}: ${figureOf(raw.x)} GB, ${seconds(raw.y)}`}}},
    },
  };
}

/* Each finding has a place of its own, to which its tile leads. */
function finding(id, title, words, chart) {
  if (!words && !chart) return null;
  return el('div', {class: 'finding', id}, el('h3', {}, title), words, chart);
}

/* Of an idle node, then of a queue at the stated rate, each way that the node may serve it. */
function mixFacts(mix) {
  const rows = isKnown(mix.paid_share) ? [['calls that pay', share(mix.paid_share)], ['waiting for switches', `${seconds(mix.extra_s)} a call`],
    ['all else', `${seconds(mix.service_s)} a call`], ['time that goes to switching', share(mix.time_share)]] : [];
  mix.queues.forEach((queue, i) => {
    const how = `at ${figureOf(mix.call_rate)} calls/s, ${i === 0 ? 'in order' : 'what is loaded first'}: `;
    rows.push([`${how}the node in use`, share(queue.utilisation)], [`${how}calls that pay`, share(queue.paid_share)]);
    if (queue.stable)
      rows.push([`${how}waiting longer`, `${seconds(queue.switch_wait_s)} a call`], [`${how}time that goes to switching`, share(queue.time_share)]);
  });
  return facts(rows);
}

function findings(study) {
  const known = study.loading && study.models.filter((model) => isKnown(model.weight_gb) && isKnown(model.cost_s)).length > 1;
  const places = [
    finding('residency', 'Residency: what stays in memory', tileText('residency'), study.residency.length > 1 && study.residency.some((one) => one.paid > 0)
      ? figure('Revisits that paid', 'A revisit pays where too much else ran since.', () => residencyChart(study)) : null),
    finding('loading', 'Loading speed', tileText('loading'), known
      ? figure('Switch cost against weight', 'One point per model; the line is what overhead and speed make of a weight.', () => loadingChart(study)) : null),
    finding('mix', 'Call mix', tileText('mix'), study.call_mix ? mixFacts(study.call_mix) : null),
  ].filter(Boolean);
  return places.length > 0 ? el('div', {class: 'findings'}, places) : null;
}

function showStudy() {
  const study = data.study;
  if (!study) return;
  section('switching', 'What switches cost', studyTable(study.rows), ...(matrixTable(study) || []), findings(study),
    el('details', {id: 'method'}, el('summary', {}, 'Method: clock, spread, degrees of freedom, remarks'),
      el('ul', {class: 'plain small'}, study.sentences.map((sentence) => el('li', {}, sentence)))));
}
