/* --- One row's plots -------------------------------------------------------------------------- */

const barsMost = 250;

function batchLabel(batch) {
  return batch.size === null ? 'not known' : digits(batch.size);
}

function batchGroups(step, key) {
  return step.batches.map((batch) => ({label: batchLabel(batch), client: batch[`client_${key}`], server: batch[`server_${key}`]}));
}

function batchFigure(step, title, key, unit) {
  const groups = batchGroups(step, key);
  const words = step.batches.map((batch) => `batch size ${batchLabel(batch)}: ${digits((batch[`client_${key}`] || [])[1])} ${unit}`);
  const few = step.batches.some((batch) => batch.requests < 20) ? ' Of fewer than 20 requests p5 and p95 say little.' : '';
  return figure(title, words.length > 0 ? `Client's median at ${words.join('; ')}.${few}` : 'No request completed.',
    () => boxChart(groups, unit, 'batch size'));
}

function throughputFigure(step) {
  const groups = batchGroups(step, 'total_output_throughput');
  return figure('Total output throughput by batch size', 'Batch size times the median output speed of its requests.',
    () => columnChart(groups, 'tokens/s', 'batch size'));
}

/* Each request a bar from its send to its end; the part until the first token darker. */
function timelineChart(requests, kept) {
  const at = (list, i) => list[i] ?? 0;
  const bars = (from, to, wanted) => kept.map((i) => (wanted(i) ? [from(i), to(i)] : null));
  const failed = (i) => requests.error[i] !== null;
  const start = (i) => at(requests.start_s, i);
  const first = (i) => start(i) + at(requests.ttft_s, i);
  const end = (i) => start(i) + (requests.latency_s[i] ?? requests.ttft_s[i] ?? 0);
  const dataset = (label, colour, values) => ({label, data: values, backgroundColor: colour, grouped: false, barPercentage: 0.9,
    categoryPercentage: 1, minBarLength: 1});
  return {
    type: 'bar',
    data: {
      labels: kept.map((i) => digits(requests.index[i])),
      datasets: [dataset('until the first token (TTFT)', client.colour, bars(start, first, (i) => !failed(i))),
        dataset('until the end', `${client.colour}66`, bars(first, end, (i) => !failed(i))),
        dataset('failed', server.colour, bars(start, end, failed))],
    },
    options: {
      indexAxis: 'y',
      scales: {x: axis('seconds since the row began', {beginAtZero: true}), y: axis('request', {grid: {display: false}, ticks: {autoSkip: true}})},
      plugins: {
        legend: {position: 'bottom', labels: {boxWidth: 14}},
        tooltip: {callbacks: {
          title: (items) => `request ${digits(requests.index[kept[items[0].dataIndex]])}`,
          label: (item) => {
            const i = kept[item.dataIndex];
            return failed(i) ? `failed: ${requests.error[i]}`
              : `TTFT ${seconds(requests.ttft_s[i])}, end to end ${seconds(requests.latency_s[i])}${requests.batch_size[i] ? `, batch size ${digits(requests.batch_size[i])}` : ''}`;
          },
        }},
      },
    },
  };
}

function timelineFigure(step) {
  const requests = step.requests;
  const failures = requests.error.filter((code) => code !== null).length;
  const kept = thinned(requests.index.length, barsMost, (i) => requests.error[i] !== null && failures <= barsMost);
  const caption = kept.length < requests.total ? `${digits(kept.length)} of ${count(requests.total, 'request')} are drawn, evenly chosen.`
    : `${count(requests.total, 'request')}.`;
  return figure('Requests over time', caption, () => timelineChart(requests, kept),
    {wide: true, height: Math.min(900, 130 + kept.length * (kept.length > 60 ? 3 : 12))});
}

function switchSentence(step) {
  const found = step.switch;
  if (!found) return null;
  const from = found.from ? ` from ${found.from}` : '';
  if (found.verdict === 'detected')
    return `The switch to it${from} took ${seconds(found.value_s)} (${seconds(found.low_s)} to ${seconds(found.high_s)}).`;
  if (found.verdict === 'not detected' && found.bound_s === null) return `The switch to it${from} loaded what another of its batch sizes runs as.`;
  if (found.verdict === 'not detected') return `No switch to it${from} above ${seconds(found.bound_s)}.`;
  return `Switch to it${from}: ${found.verdict}${found.reason ? ` (${found.reason})` : ''}.`;
}

function showStep(step) {
  const place = document.getElementById('step');
  forget(place);
  const odd = oddities(step), told = switchSentence(step);
  section('step', 'One row',
    el('div', {class: 'controls'}, el('select', {'aria-label': 'Row to show', id: 'choose', onchange: (event) => choose(data.steps[Number(event.target.value)])},
      data.steps.map((other, i) => el('option', {value: i, selected: other === step}, `${i + 1}  ${stepLabel(other)}`)))),
    el('h3', {}, `${stepLabel(step)} `, badge(step)),
    el('p', {class: 'faint small'}, `${digits(step.completed)} of ${count(step.started, 'request')} completed in ${seconds(step.wall_s)}. ${told || ''}`),
    odd.length > 0 ? el('ul', {class: 'plain small'}, odd.map((sentence) => el('li', {}, sentence))) : null,
    el('div', {class: 'charts'},
      batchFigure(step, 'TTFT by batch size', 'ttft_s', 's'),
      batchFigure(step, 'End-to-end latency by batch size', 'end_to_end_latency_s', 's'),
      batchFigure(step, 'Output speed by batch size, per request', 'output_token_per_s', 'tokens/s'),
      throughputFigure(step),
      timelineFigure(step)));
}
