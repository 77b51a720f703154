/* --- A release qualification ------------------------------------------------------------------ */

function verdictBadge(verdict) {
  const kinds = {pass: 'good', 'pass (one run)': 'good', improved: 'good', inconclusive: 'doubt', 'too few': 'doubt'};
  return el('span', {class: `badge ${kinds[verdict] || 'bad'}`}, verdict);
}

function lineOf(line) {
  return el('tr', {}, el('td', {}, verdictBadge(line.verdict)),
    el('td', {class: 'wide'}, line.row, line.reason ? el('div', {class: 'faint small'}, line.reason) : null), cell(line.measure),
    el('td', {class: 'number'}, line.base), el('td', {class: 'number'}, line.candidate), el('td', {class: 'number'}, line.change), cell(line.allowed));
}

function linesTable(lines) {
  const names = ['verdict', 'row', 'measure', 'baseline', 'candidate', 'change (interval)', 'allowed'];
  return el('div', {class: 'scroll low'}, el('table', {},
    el('thead', {}, el('tr', {}, names.map((name, i) => el('th', {scope: 'col', class: i > 2 && i < 6 ? 'number' : null}, name)))),
    el('tbody', {}, lines.map(lineOf))));
}

function showQualification() {
  const made = data.qualification;
  if (!made) return;
  const bad = made.lines.filter((line) => !line.passes), good = made.lines.filter((line) => line.passes);
  section('qualification', 'Qualification',
    el('p', {class: `verdict ${made.pass ? 'good' : 'bad'}`}, made.pass ? 'PASS' : 'FAIL'),
    el('p', {}, made.counts),
    facts([['candidate', made.candidate], ['baseline', made.base], ['policy', made.policy]]),
    made.caveat ? el('p', {class: 'note'}, made.caveat) : null,
    bad.length > 0 ? el('h3', {}, 'What does not pass') : null, bad.length > 0 ? linesTable(bad) : null,
    good.length > 0 ? el('h3', {style: 'margin-top: 14px'}, 'What passes') : null, good.length > 0 ? linesTable(good) : null,
    made.differences.length > 0 ? el('details', {open: true}, el('summary', {}, 'What else differs, baseline → candidate'),
      facts(made.differences.map(([key, base, candidate]) => [key, `${base || '–'} → ${candidate || '–'}`]))) : null,
    el('div', {class: 'signature'}, ['Name', 'Date', 'Signature'].map((words) => el('p', {}, words))));
}
