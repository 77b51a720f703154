/* --- Sessions, turn by turn ------------------------------------------------------------------- */

function turnsTable(step) {
  const tokens = (key, name) => ({name, number: true, title: `${key}: mean`, value: (one) => one[key],
    show: (one) => (isKnown(one[key]) ? figureOf(one[key]) : '–')});
  return makeTable([
    {name: 'Turn', number: true, value: (one) => one.turn},
    {name: 'Sent', number: true, value: (one) => one.started},
    {name: 'Completed', number: true, value: (one) => one.completed},
    {name: 'Not sent', number: true, title: 'Turns of sessions that ended before', value: (one) => one.not_sent},
    tokens('input_tokens', 'Input tokens'), tokens('cached_tokens', 'Cached'), tokens('output_tokens', 'Output tokens'),
    {name: 'TTFT p50', unit: 's', title: 'client_ttft_s', value: (one) => one.ttft_s_p50},
    {name: 'TTFT p95', unit: 's', title: 'client_ttft_s', value: (one) => one.ttft_s_p95},
    {name: 'Server TTFT p50', unit: 's', title: 'server_ttft_s', value: (one) => one.server_ttft_s_p50},
    {name: 'Latency p50', unit: 's', title: 'client_end_to_end_latency_s', value: (one) => one.latency_s_p50},
  ], step.turns);
}

/* Of more steps the workbook's sheet has the rest. */
const turnsShown = 12;

function showTurns() {
  if (data.turns.length === 0) return;
  const shown = data.turns.slice(0, turnsShown);
  section('turns', 'Sessions, turn by turn',
    el('p', {class: 'faint small'}, 'Each turn sends all turns before it, with the responses as they came. Tokens are means, times by the client’s clock unless they are the server’s.'),
    ...shown.flatMap((step) => [el('h3', {class: 'below'}, `${digits(step.step)}: ${step.label}${data.runs.length > 1 ? ` (${step.run})` : ''}`), turnsTable(step)]),
    data.turns.length > shown.length ? el('p', {class: 'note'}, `${count(data.turns.length - shown.length, 'more row')}: in the workbook, sheet Turns.`) : null);
}

