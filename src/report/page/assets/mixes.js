/* --- Mixes: rows that ran together ------------------------------------------------------------ */

/* By the server's clock where it tells a TTFT, else by the client's. */
function mixSource(mix) {
  const told = mix.members.some((one) => one.server_after_same.count + one.server_after_other.count > 0);
  return told ? 'server' : 'client';
}

function mixSentence(mix) {
  if (!(mix.window_s > 0)) return 'Its members never sent all at once, so there is no figure of the mix.';
  const parts = [`All members sent for ${seconds(mix.window_s)}`, `${count(mix.calls, 'request')} in that time`];
  if (isKnown(mix.offered_per_s)) parts.push(`${figureOf(mix.offered_per_s)} requests/s offered`);
  parts.push(`${figureOf(mix.achieved_per_s)} requests/s completed`);
  if (isKnown(mix.utilisation)) parts.push(`the node busy ${share(mix.utilisation)}`);
  return `${parts.join(', ')}.`;
}

function mixTable(mix) {
  const source = mixSource(mix), sides = [['same', 'the same'], ['other', 'another']];
  const figures = sides.flatMap(([key, name]) => [
    {name: `After ${name}`, number: true, title: `Requests after ${name} configuration`, value: (one) => one[`${source}_after_${key}`].count},
    {name: 'TTFT p50', unit: 's', title: `${source}_ttft_s_after_${key}_p50`, value: (one) => one[`${source}_after_${key}`].p50_s},
    {name: 'TTFT p95', unit: 's', title: `${source}_ttft_s_after_${key}_p95`, value: (one) => one[`${source}_after_${key}`].p95_s},
  ]);
  return makeTable([
    {name: 'Step', number: true, value: (one) => one.step},
    {name: 'Model', wide: true, value: (one) => one.model},
    {name: 'Calls', number: true, title: 'num_calls: requests in the time in which all members send', value: (one) => one.calls},
    {name: 'Share', number: true, title: 'call_share', value: (one) => one.share, show: (one) => share(one.share)},
    {name: 'Offered', unit: 'requests/s', title: 'offered_requests_per_s', value: (one) => one.offered_per_s},
    {name: 'Completed', unit: 'requests/s', title: 'achieved_requests_per_s', value: (one) => one.achieved_per_s},
    {name: 'Busy', number: true, title: 'utilisation: share of the time in which the node worked for it', value: (one) => one.utilisation,
      show: (one) => (isKnown(one.utilisation) ? share(one.utilisation) : '–')},
    ...figures,
  ], mix.members);
}

/* What switching costs each member, with what a study predicts where one is named. */
function mixCosts(mix) {
  if (!mix.switching_measured) return null;
  const column = (key, name, title, show) => [
    {name, number: true, title, value: (one) => one[key].value, show: (one) => (isKnown(one[key].value) ? show(one[key].value) : '–')},
    {name: '95 %', title: `${title}, 95 % interval`, value: (one) => one[key].low,
      show: (one) => (isKnown(one[key].low) ? `${show(one[key].low)} to ${isKnown(one[key].high) ? show(one[key].high) : '∞'}` : '–')},
    mix.predicted ? {name: 'Predicted', number: true, title: `${title}, by the study`, value: (one) => one[key].predicted,
      show: (one) => (isKnown(one[key].predicted) ? show(one[key].predicted) : '–')} : null,
  ];
  return makeTable([
    {name: 'Step', number: true, value: (one) => one.step},
    {name: 'Model', wide: true, value: (one) => one.model},
    ...column('paid_share', 'Calls that pay', 'switch_paid_share', share),
    ...column('s_per_call', 'A call', 'switch_s_per_call', seconds),
    ...column('time_share', 'Node’s time', 'switch_time_share', share),
    ...column('switch_s', 'A switch', 'switch_s: of calls that paid', seconds).slice(0, 2),
    ...column('difference_s', 'After another − same', 'ttft_s_difference: of mean TTFTs', seconds).slice(0, 2),
  ].filter(Boolean), mix.members);
}

function mixTitle(mix) {
  return `${mix.name}${data.mixes.some((other) => other.pass > 1) ? `, pass ${digits(mix.pass)}` : ''}` +
    `${data.runs.length > 1 ? ` (${mix.run})` : ''}`;
}

/* Of more visits the workbook's sheet has the rest. */
const mixesShown = 12;

function showMixes() {
  if (data.mixes.length === 0) return;
  const shown = data.mixes.slice(0, mixesShown);
  section('mixes', 'Mixes: rows that ran together',
    el('p', {class: 'faint small'}, 'After the same and after another: by the configuration that was served just before. TTFT: by the server’s clock where it tells one.'),
    ...shown.flatMap((mix) => [el('h3', {class: 'below'}, mixTitle(mix)), el('p', {}, mixSentence(mix)), mixTable(mix),
      ...mix.sentences.map((one) => el('p', {}, sentence(one))), mixCosts(mix)]),
    data.mixes.length > shown.length ? el('p', {class: 'note'}, `${count(data.mixes.length - shown.length, 'more visit')}: in the workbook, sheet Mixes.`) : null);
}

