/* --- Ranks that shared a run -------------------------------------------------------------------- */

function ranksTable(run) {
  const share = (value) => `${digits(100 * value)} %`;
  return makeTable([
    {name: 'Rank', number: true, value: (one) => one.rank},
    {name: 'Host', value: (one) => one.host},
    {name: 'Requests', number: true, value: (one) => one.requests},
    {name: 'Share', number: true, value: (one) => one.share, show: (one) => (isKnown(one.share) ? share(one.share) : '–')},
    {name: 'Steps valid', number: true, value: (one) => one.valid},
    {name: 'Degraded', number: true, value: (one) => one.degraded},
    {name: 'Invalid', number: true, value: (one) => one.invalid},
    {name: 'Clock uncertainty', unit: 's', title: 'clock_uncertainty_s: how far its moments may be off rank 0’s clock', value: (one) => one.clock_uncertainty_s},
    {name: 'Read lateness p99', unit: 's', title: 'client_read_lateness_s_p99', value: (one) => one.read_lateness_s_p99},
    {name: 'Loop stall', unit: 's', title: 'client_loop_stall_s_max', value: (one) => one.loop_stall_s_max},
    {name: 'Wait for rank 0', unit: 's', title: 'journal_wait_s', value: (one) => one.journal_wait_s},
    {name: 'Event loop CPU', number: true, title: 'client_loop_cpu_share_max', value: (one) => one.loop_cpu_share_max, show: (one) => (isKnown(one.loop_cpu_share_max) ? share(one.loop_cpu_share_max) : '–')},
  ], run.ranks);
}

function ranksOf(run) {
  if (run.ranks.length === 0) return null;
  return el('div', {}, el('h3', {}, 'Ranks'), el('p', {class: 'faint small'}, 'What each sent, and the worst of any step. All moments are on rank 0’s clock.'), ranksTable(run));
}
