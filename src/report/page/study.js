/* --- The study of switches -------------------------------------------------------------------- */

/* Of the visits of which it is known whether they paid. */
function paidOf(one) {
  return `${one.paid}/${one.paid + one.not_paid}`;
}

function studyRow(row, i) {
  const paid = row.cost_s !== null;
  return el('tr', {}, cell(i + 1), cell(row.label), cell(row.verdict), cell(row.paid), cell(row.not_paid), cell(row.unknown),
    cell(row.cost_s), cell(paid ? `${digits(row.low_s)} to ${digits(row.high_s)}` : '–', {class: 'number'}));
}

function studyTable(rows) {
  const names = [['#', ''], ['to row', ''], ['verdict', ''], ['paid', 'visits'], ['not paid', 'visits'], ['unknown', 'visits'], ['switch', 's'], ['interval', 's']];
  return el('div', {class: 'scroll low'}, el('table', {},
    el('thead', {}, el('tr', {}, names.map(([name, unit], i) =>
      el('th', {scope: 'col', class: i === 0 || i > 2 ? 'number' : null}, name, el('span', {class: 'unit'}, unit))))),
    el('tbody', {}, rows.map(studyRow))));
}

/* Darker where more is paid; the text says it too. */
function matrixCell(one, most, from, to) {
  if (!one) return el('td', {class: 'none'}, '·');
  const share = one.paid > 0 ? one.cost_s / most : 0;
  const where = `${from + 1} to ${to + 1}: ${one.paid} of ${one.paid + one.not_paid} visits paid` +
    (one.unknown > 0 ? `, ${one.unknown} could not have shown it` : '') +
    (one.paid > 0 ? `, ${seconds(one.cost_s)} (${seconds(one.low_s)} to ${seconds(one.high_s)})` : '') +
    `; share at 95 %: ${digits(one.share_low)} to ${digits(one.share_high)}`;
  const element = el('td', {title: where}, one.paid > 0 ? seconds(one.cost_s) : '–', el('small', {}, paidOf(one)));
  if (share > 0) element.style.backgroundColor = `rgba(${styleOf('--heat')}, ${(0.08 + 0.5 * share).toFixed(3)})`;
  return element;
}

function matrixTable(study) {
  const costs = study.matrix.flat().filter((one) => one && one.paid > 0).map((one) => one.cost_s);
  const most = Math.max(...costs, 1e-9);
  return el('div', {class: 'scroll low'}, el('table', {class: 'matrix', id: 'matrix'},
    el('thead', {}, el('tr', {}, el('th', {}, 'from \\ to'), study.rows.map((row, i) => el('th', {scope: 'col', title: row.label}, String(i + 1), study.rows.length <= 8 ? el('span', {class: 'unit'}, brief(row.label.split(' ')[0], 12)) : null)))),
    el('tbody', {}, study.matrix.map((cells, from) => el('tr', {},
      el('th', {scope: 'row', title: study.rows[from].label}, `${from + 1}  ${study.rows[from].label}`),
      cells.map((one, to) => matrixCell(one, most, from, to)))))));
}

function showStudy() {
  const study = data.study;
  if (!study) return;
  section('study', 'What switches cost',
    el('ul', {class: 'plain small'}, study.sentences.map((sentence) => el('li', {}, sentence))),
    studyTable(study.rows),
    study.matrix.length > 1 ? el('h3', {style: 'margin-top: 18px'}, 'From row to row: what a switch cost, and how many of the visits paid') : null,
    study.matrix.length > 1 ? matrixTable(study) : null,
    study.matrix.length === 0 ? el('p', {class: 'faint small'}, 'The matrix of so many rows is left out; the workbook has all transitions.') : null);
}
