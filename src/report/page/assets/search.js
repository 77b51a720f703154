/* --- Search: the highest load that keeps slo -------------------------------------------------- */

/* Of a member of the mix, or of the row itself. */
function searchTtft(step, member, key) {
  return member < step.members.length ? step.members[member][key] : null;
}

function searchTable(row) {
  return makeTable([
    {name: 'Step', number: true, value: (one) => one.step},
    {name: 'Load', unit: row.unit, value: (one) => one.load},
    {name: 'Requests', number: true, value: (one) => one.requests},
    {name: 'Good', number: true, title: 'goodput_share: of the requests that were started', value: (one) => one.goodput_share,
      show: (one) => (isKnown(one.goodput_share) ? share(one.goodput_share) : '–')},
    {name: 'Goodput', unit: 'requests/s', title: 'goodput_requests_per_s', value: (one) => one.goodput_requests_per_s},
    ...row.members.flatMap(({label}, i) => [['p50', 'ttft_p50_s'], ['p99', 'ttft_p99_s']].map(([name, key]) => (
      {name: row.members.length > 1 ? `${label} ${name}` : `TTFT ${name}`, unit: 's', title: `client_ttft_s_${name}`,
        value: (one) => searchTtft(one, i, key)}))),
    {name: 'Throughput', unit: 'tokens/s', title: 'client_total_output_throughput', value: (one) => one.throughput},
  ], row.steps);
}

function searchSet(label, steps, y, colour, dashed) {
  return {label, data: steps.filter((step) => isKnown(y(step))).map((step) => ({x: step.load, y: y(step)})), showLine: true,
    borderColor: colour, backgroundColor: colour, borderWidth: dashed ? 1 : 2, borderDash: dashed ? [5, 4] : [], pointRadius: 3, tension: 0};
}

/* The result as an upright line, and its interval as two thin ones. */
function searchMarks(row, top) {
  return [['result', row.found, 2], ['90 % interval', row.low, 1], ['', row.high, 1]].filter(([, at]) => isKnown(at))
    .map(([label, at, width]) => ({label, data: [{x: at, y: 0}, {x: at, y: top}], showLine: true, pointRadius: 0, borderWidth: width,
      borderColor: styleOf('--text'), borderDash: width === 1 ? [3, 3] : []}));
}

function searchChart(row, sets, title, unit, top) {
  return {
    type: 'scatter',
    data: {datasets: [...sets, ...searchMarks(row, top)]},
    options: {scales: {x: axis('Load', row.unit, [], {beginAtZero: true}), y: axis(title, unit, [top], {beginAtZero: true})},
      plugins: {legend: {position: 'bottom', labels: {boxWidth: 10, usePointStyle: true, filter: (item) => item.text !== ''}}}},
  };
}

function searchTtftSets(row, steps, {label, model}, i) {
  const mixed = row.members.length > 1;
  const colour = mixed ? modelColour(model) : styleOf('--accent');
  return [
    searchSet(mixed ? `${label} p50` : 'TTFT p50', steps, (step) => searchTtft(step, i, 'ttft_p50_s'), colour, false),
    searchSet(mixed ? `${label} p99` : 'TTFT p99', steps, (step) => searchTtft(step, i, 'ttft_p99_s'), colour, true)];
}

function searchFigures(row) {
  const steps = [...row.steps].sort((a, b) => a.load - b.load);
  const most = (value) => steps.map(value).filter(isKnown).reduce((high, one) => Math.max(high, one), 0);
  const good = steps.filter((step) => isKnown(step.goodput_share));
  return [
    figure(`TTFT against load: ${row.label}`, 'Median of each step, dashed p99; upright the result and its interval.', () => searchChart(row,
      row.members.flatMap((member, i) => searchTtftSets(row, steps, member, i)), 'TTFT', 's',
      row.members.reduce((high, member, i) => Math.max(high, most((step) => searchTtft(step, i, 'ttft_p99_s'))), 0))),
    good.length > 0 ? figure(`Good requests against load: ${row.label}`, 'Share of each step’s requests that keep slo.', () => searchChart(row, [
      searchSet('share that keeps slo', good, (step) => step.goodput_share, styleOf('--accent'), false)], 'Share', '', 1)) : null,
  ];
}

function showSearch() {
  if (data.search.length === 0) return;
  section('search', 'Search: the highest load',
    ...data.search.flatMap((row) => [
      el('h3', {class: 'below'}, data.runs.length > 1 ? `${row.label} (${row.run})` : row.label), el('p', {}, `${row.sentence}.`),
      el('div', {class: 'charts'}, searchFigures(row).filter(Boolean)), searchTable(row)]));
}

