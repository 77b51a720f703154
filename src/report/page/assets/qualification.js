/* --- A release qualification ------------------------------------------------------------------ */

function verdictBadge(verdict) {
  const kinds = {pass: 'good', 'pass (one run)': 'good', improved: 'good', inconclusive: 'doubt', 'too few': 'doubt'};
  return el('span', {class: `badge ${kinds[verdict] || 'bad'}`}, verdict);
}

function linesTable(lines) {
  return makeTable([
    {name: 'Verdict', value: (line) => line.verdict, show: (line) => verdictBadge(line.verdict)},
    {name: 'Row', wide: true, value: (line) => line.row, show: (line) => [line.row, line.reason ? el('div', {class: 'faint small'}, line.reason) : null]},
    {name: 'Measure', value: (line) => line.label, cellTitle: (line) => line.measure},
    {name: 'Baseline', number: true, value: (line) => line.base},
    {name: 'Candidate', number: true, value: (line) => line.candidate},
    {name: 'Change (interval)', number: true, value: (line) => line.change},
    {name: 'Allowed', wide: true, value: (line) => line.allowed},
  ], lines);
}

function differencesList(title, differences) {
  if (differences.length === 0) return null;
  return el('details', {open: true}, el('summary', {}, `${title}, baseline → candidate`),
    facts(differences.map(([key, base, candidate]) => [key, `${base || '–'} → ${candidate || '–'}`])));
}

function showQualification() {
  const made = data.qualification;
  if (!made) return;
  const bad = made.lines.filter((line) => !line.passes), good = made.lines.filter((line) => line.passes);
  section('verdict', 'Qualification',
    el('p', {class: `verdict ${made.pass ? 'good' : 'bad'}`}, made.pass ? 'PASS' : 'FAIL'),
    el('p', {}, made.counts),
    facts([['candidate', made.candidate], ['baseline', made.base], ['policy', made.policy]]),
    made.caveat ? el('p', {class: 'note'}, made.caveat) : null,
    bad.length > 0 ? el('h3', {}, 'What does not pass') : null, bad.length > 0 ? linesTable(bad) : null,
    good.length > 0 ? el('h3', {class: 'below'}, 'What passes') : null, good.length > 0 ? linesTable(good) : null,
    differencesList('What else differs', made.differences),
    differencesList('What the server reports of itself', made.server),
    el('div', {class: 'signature'}, ['Name', 'Date', 'Signature'].map((words) => el('p', {}, words))));
}
