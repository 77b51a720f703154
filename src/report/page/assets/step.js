/* --- One step's plots -------------------------------------------------------------------------- */

const barsMost = 250;

function batchLabel(batch) {
  return batch.size === null ? 'not known' : digits(batch.size);
}

/* What the drawn requests took that completed, and that `belongs` picks by their number. */
function requestValues(step, key, belongs = () => true) {
  const list = step.requests[key];
  return list ? list.filter((value, i) => isKnown(value) && step.requests.error[i] === null && belongs(i)) : [];
}

function batchGroups(step, key) {
  return step.batches.map((batch) => {
    const points = (side) => (batch.requests < fewValues ? requestValues(step, `${side}_${key}`, (i) => step.requests.batch_size[i] === batch.size) : []);
    return {label: batchLabel(batch), requests: batch.requests, client: batch[`client_${key}`], server: batch[`server_${key}`],
      points: {client: points('client'), server: points('server')}};
  });
}

/* Nothing where there is one dash to show. */
function batchFigure(step, title, key, unit) {
  const groups = batchGroups(step, key);
  if (!isWorthDrawing(groups)) return null;
  const words = step.batches.map((batch) => `batch size ${batchLabel(batch)}: ${quantity((batch[`client_${key}`] || [])[1], unit)}`);
  return figure(`${title} by batch size`, `Client's median at ${words.join('; ')}. Boxes: p5 to p95; points where there are fewer than ${fewValues} requests.`,
    () => boxChart(groups, title, unit, 'batch size'));
}

function throughputFigure(step) {
  const groups = step.batches.map((batch) => ({label: batchLabel(batch), client: batch.client_total_output_throughput, server: batch.server_total_output_throughput}));
  if (groups.filter((group) => isKnown(group.client)).length < 2) return null;
  return figure('Throughput by batch size', 'How many requests ran together, on average, times their median output speed.',
    () => columnChart(groups, 'Throughput of a batch', 'tokens/s', 'batch size'));
}

/* The probe's requests and the row's, as the timeline draws them. */
function timelineOf(step) {
  const of = (part, kept, isProbe) => kept.map((i) => ({label: isProbe ? `probe ${part.index[i]}` : digits(part.index[i]), start: part.start_s[i] ?? 0, ttft: part.client_ttft_s[i],
    latency: part.client_end_to_end_latency_s[i], error: part.error[i], exposed: Boolean(part.exposed[i]), batch: part.batch_size[i], rank: part.rank ? part.rank[i] : null}));
  const failures = step.requests.error.filter((code) => code !== null).length;
  const kept = thinned(step.requests.index.length, barsMost, (i) => Boolean(step.requests.exposed[i]) || (step.requests.error[i] !== null && failures <= barsMost));
  const probes = thinned(step.probe.index.length, barsMost, (i) => Boolean(step.probe.exposed[i]));
  return {bars: [...of(step.probe, probes, true), ...of(step.requests, kept, false)], drawn: kept.length};
}

/* Each request a bar from its send to its end; the part until the first token darker, and ringed where the request
 * was exposed to a switch. */
function timelineChart(bars) {
  const values = (from, to, wanted) => bars.map((bar) => (wanted(bar) ? [from(bar), to(bar)] : null));
  const start = (bar) => bar.start;
  const first = (bar) => bar.start + (bar.ttft ?? 0);
  const end = (bar) => bar.start + (bar.latency ?? bar.ttft ?? 0);
  const dataset = (label, colour, list, more) => ({label, data: list, backgroundColor: colour, grouped: false, barPercentage: 0.9,
    categoryPercentage: 1, minBarLength: 1, ...more});
  const good = (bar) => bar.error === null;
  const sets = [dataset('until the first token (TTFT)', client.colour, values(start, first, (bar) => good(bar) && !bar.exposed)),
    dataset('exposed: may have waited for the switch', `${client.colour}99`, values(start, first, (bar) => good(bar) && bar.exposed),
      {borderColor: styleOf('--text'), borderWidth: 2, borderSkipped: false}),
    dataset('until the end', `${client.colour}66`, values(first, end, good)),
    dataset('failed', server.colour, values(start, end, (bar) => !good(bar)))];
  return {
    type: 'bar',
    data: {labels: bars.map((bar) => bar.label), datasets: sets.filter((set) => set.data.some((value) => value !== null))},
    options: {
      indexAxis: 'y',
      scales: {x: axis('Time since the row\'s first request', 's', bars.map(end), {}), y: {title: {display: true, text: 'request'}, grid: {display: false}, ticks: {autoSkip: true}}},
      plugins: {
        legend: {position: 'bottom', labels: {boxWidth: 14}},
        tooltip: {callbacks: {
          title: (items) => {
            const bar = bars[items[0].dataIndex];
            return `request ${bar.label}${isKnown(bar.rank) ? `, rank ${digits(bar.rank)}` : ''}`;
          },
          label: (item) => {
            const bar = bars[item.dataIndex];
            return bar.error !== null ? `failed: ${bar.error}`
              : `TTFT ${seconds(bar.ttft)}, end to end ${seconds(bar.latency)}${bar.batch ? `, batch size ${digits(bar.batch)}` : ''}`;
          },
        }},
      },
    },
  };
}

function timelineFigure(step) {
  const {bars, drawn} = timelineOf(step);
  if (bars.length === 0) return null;
  const requests = drawn < step.requests.total ? `${digits(drawn)} of ${count(step.requests.total, 'request')} are drawn, evenly chosen.` : `${count(step.requests.total, 'request')}.`;
  const probe = step.probe.total > 0 ? ` ${count(step.probe.total, 'request')} of the probe came first.` : '';
  return figure('Requests over time', requests + probe, () => timelineChart(bars),
    {wide: true, height: Math.min(900, 130 + bars.length * (bars.length > 60 ? 3 : 14))});
}

/* What servers said of themselves while it ran, as far as they were asked. */
function toldFigure(step) {
  const told = data.columns.map((column, i) => ({column, value: step.cells[i]})).filter((one) => one.column.told && isKnown(one.value));
  if (told.length === 0) return null;
  return el('figure', {class: 'wide'}, el('h3', {}, 'What the server said of itself'),
    el('dl', {class: 'told'}, told.map((one) => el('div', {title: `${one.column.key}: ${one.column.help}`},
      el('dt', {}, one.column.label), el('dd', {}, quantity(one.value, one.column.unit))))),
    el('figcaption', {}, 'From its own metrics, while the row ran. A quantile of its histograms lies between two bounds.'));
}

function switchSentence(step) {
  const found = step.switch;
  if (!found) return null;
  const from = found.from ? ` from ${found.from}` : '';
  if (found.verdict === 'detected')
    return `The switch to it${from} took ${seconds(found.value_s)} (${secondsRange(found.low_s, found.high_s)}).`;
  if (found.verdict === 'not detected' && found.bound_s === null) return `The switch to it${from} loaded what another of its batch sizes runs as.`;
  if (found.verdict === 'not detected') return `No switch to it${from} above ${seconds(found.bound_s)}.`;
  return `Switch to it${from}: ${found.verdict}${found.reason ? ` (${found.reason})` : ''}.`;
}

/* What stands below a step's line: its story in words, and its charts. */
function stepCharts(step) {
  const odd = oddities(step), found = switchSentence(step);
  return el('div', {id: 'step', class: 'inside'},
    el('h3', {}, `${stepLabel(step)} `, badge(step)),
    el('p', {class: 'faint small'}, `${digits(step.completed)} of ${count(step.started, 'request')} completed in ${seconds(step.wall_s)}. ${found || ''}`),
    odd.length > 0 ? el('ul', {class: 'plain small'}, odd.map((sentence) => el('li', {}, sentence))) : null,
    el('div', {class: 'charts'},
      batchFigure(step, 'TTFT', 'ttft_s', 's'),
      batchFigure(step, 'End-to-end latency', 'end_to_end_latency_s', 's'),
      batchFigure(step, 'Output speed per request', 'output_token_per_s', 'tokens/s'),
      throughputFigure(step),
      timelineFigure(step),
      toldFigure(step)));
}
