'use strict';

/* The page's script, in parts that share what they define: words (data, text, elements), draw (charts),
 * headline, table, step, run, rows, study, qualification (a section each), page (puts all together). Every text from outside becomes a
 * text node: nothing is ever parsed as HTML. */

const data = JSON.parse(document.getElementById('data').textContent);

data.steps.forEach((step, i) => { step.index = i; });
data.rows.forEach((row) => { row.steps = []; });
for (const step of data.steps) if (step.row !== null) data.rows[step.row - 1].steps.push(step);
const severalPasses = data.steps.some((step) => step.pass > 1);
// Runs of one name are told apart by their folders.
const runTitle = (run) => (data.runs.some((other) => other !== run && other.name === run.name) ? run.folder : run.name);

/* An element with attributes and children; a child that is no element is text. A function is a
 * listener: {onclick: …}. */
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

function section(id, title, ...children) {
  const place = document.getElementById(id);
  place.hidden = false;
  place.replaceChildren(...(title ? [el('h2', {id: `${id}-title`}, title)] : []), ...children.filter(Boolean));
}

/* One rule for figures, the same as core/unit.h: three significant digits; times in ms below 1 s, in s
 * above. "–" where a figure is not known. */
const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value);

function figureOf(value) {
  if (!isKnown(value)) return '–';
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  return rounded.toFixed(Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))))));
}

/* What seconds are shown in: their factor and name. */
function timeUnit(value) {
  return Math.abs(Number(value.toPrecision(3))) < 1 ? {factor: 1000, name: 'ms'} : {factor: 1, name: 's'};
}

function seconds(value) {
  if (!isKnown(value)) return '–';
  const unit = timeUnit(value);
  return `${figureOf(Math.abs(value) < 5e-7 ? 0 : value * unit.factor)} ${unit.name}`;
}

function secondsRange(low, high) {
  const from = seconds(low), to = seconds(high);
  if (from === to) return to;
  const [number, unit] = from.split(' ');
  return to.endsWith(` ${unit}`) ? `${number} to ${to}` : `${from} to ${to}`;
}

/* Whole percents; from 1 % down, and where that would round to 100 %, one digit. */
function share(value) {
  const percent = 100 * value;
  if (!isKnown(value)) return '–';
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed((percent > 0 && percent < 0.95) || (percent < 100 && percent >= 99.5) ? 1 : 0)} %`;
}

/* A count, which is exact. */
function digits(value) {
  return isKnown(value) ? value.toLocaleString('en-GB') : '–';
}

/* A value in words, without a unit that a heading has: only times and shares bring their own. */
function valueOf(value, unit) {
  if (typeof value === 'string') return value;
  if (unit === 's') return seconds(value);
  if (unit === 'share') return share(value);
  return Number.isInteger(value) ? digits(value) : figureOf(value);
}

/* A unit behind a figure in words: of one it is "request", "token/s"; as core/unit.h has it. */
function unitBehind(words, unit) {
  return words === '1' ? unit.replace(/^([^/]{3,})s(?=$|\/)/, '$1') : unit;
}

/* The same with its unit. */
function quantity(value, unit) {
  const words = valueOf(value, unit);
  return words === '–' || unit === 's' || unit === 'share' || !unit ? words : `${words} ${unitBehind(words, unit)}`;
}

function count(number, word, plural = `${word}s`) {
  return `${digits(number)} ${number === 1 ? word : plural}`;
}

/* A model's name in little room: without words that say little, as far as it takes. */
function brief(name, most) {
  const words = name.split(/(?=[-_/ ])/);
  const letters = (i) => i >= 0 && i < words.length && /^[-_/ ]?[A-Za-z]+$/.test(words[i]);
  while (words.join('').length > most && words.length > 1) {
    if (letters(words.length - 1)) words.pop();
    else if (letters(0) && letters(1)) words.shift();
    else words.pop();
  }
  const short = words.join('').replace(/^[-_/ ]/, '');
  return short.length > most ? `${short.slice(0, most - 1)}…` : short;
}

function isFlagged(step) {
  return step.verdict !== 'valid' || step.flags.length > 0 || step.errors.length > 0;
}

/* A clause as a sentence. Where it begins with a model's name, that stays as it is. */
function sentence(clause) {
  const named = data.steps.some((step) => clause.startsWith(`${step.model}:`));
  return `${named ? clause[0] : clause[0].toUpperCase()}${clause.slice(1)}.`;
}

/* What is odd about a step, in sentences. */
function oddities(step) {
  const sentences = [];
  if (step.verdict !== 'valid') sentences.push(`Measurement ${step.verdict}${step.reason ? `: ${step.reason}` : ''}.`);
  for (const flag of step.flags) sentences.push(sentence(flag));
  for (const [code, times, example] of step.errors)
    sentences.push(`${count(times, 'request')} failed with ${code}${example ? `: ${example}` : ''}`);
  return sentences;
}

function badge(step) {
  if (step.verdict.startsWith('invalid') || step.completed === 0) return el('span', {class: 'badge bad'}, step.completed === 0 ? 'failed' : 'invalid');
  if (step.errors.length > 0) return el('span', {class: 'badge bad'}, `${digits(step.started - step.completed)} failed`);
  if (step.verdict !== 'valid') return el('span', {class: 'badge doubt'}, step.verdict);
  if (step.flags.length > 0) return el('span', {class: 'badge doubt'}, 'flagged');
  return el('span', {class: 'badge good'}, 'valid');
}

/* "gpt-oss-120b 500→16 c=4", with pass and run where there are several. */
function stepLabel(step) {
  const parts = [step.label];
  if (severalPasses && step.pass) parts.push(`pass ${step.pass}`);
  if (data.runs.length > 1) parts.push(runTitle(data.runs[step.run]));
  if (step.warmup) parts.push('warm-up');
  return parts.join(' · ');
}

/* A table for people: `columns` are {name, title, unit, number, value(row), show(row), wide}, and each cell
 * bears its column's name, for phones show lines as cards. */
function tableCell(column, row) {
  const value = column.value ? column.value(row) : null;
  const isNumber = column.number ?? (column.unit !== undefined && typeof value !== 'string');
  return el('td', {class: [isNumber ? 'number' : '', column.wide ? 'wide' : ''].filter(Boolean).join(' ') || null, 'data-name': column.name,
    'data-value': typeof value === 'number' ? value : null, title: column.cellTitle ? column.cellTitle(row) : null},
    column.show ? column.show(row) : valueOf(value, column.unit));
}

function tableHead(column) {
  return el('th', {scope: 'col', title: column.title || null, class: column.number || column.unit !== undefined ? 'number' : null}, column.name,
    headUnit(column.unit) ? el('span', {class: 'unit'}, headUnit(column.unit)) : null);
}

/* Times and shares have their unit in each cell. */
function headUnit(unit) {
  return unit === 's' || unit === 'share' ? '' : unit;
}

function makeTable(columns, rows, attributes = {}) {
  return scroller(el('table', {...attributes, class: `cards ${attributes.class || ''}`},
    el('thead', {}, el('tr', {}, columns.map(tableHead))),
    el('tbody', {}, rows.map((row) => el('tr', {}, columns.map((column) => tableCell(column, row)))))));
}

/* A table that scrolls sideways; a shadow says that there is more. */
function scroller(table, kind = 'low') {
  const inner = el('div', {class: `scroll ${kind}`, tabindex: -1}, table);
  const outer = el('div', {class: 'scroller'}, inner);
  const look = () => {
    outer.classList.toggle('more-right', inner.scrollLeft + inner.clientWidth < inner.scrollWidth - 1);
    outer.classList.toggle('more-left', inner.scrollLeft > 1);
    outer.style.setProperty('--room', `${inner.clientWidth}px`);
  };
  inner.addEventListener('scroll', look, {passive: true});
  new ResizeObserver(look).observe(inner);
  new ResizeObserver(look).observe(table);
  return outer;
}

/* Keeps `most` of `count` things: every so many-th, and those that `must` be kept. */
function thinned(count, most, must) {
  const stride = Math.max(1, Math.ceil(count / most));
  const kept = [];
  for (let i = 0; i < count; i++) {
    if (i % stride === 0 || must(i)) kept.push(i);
  }
  return kept;
}
