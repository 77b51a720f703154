'use strict';

/* The page's script, in parts that share what they define: words (data, text, elements), draw (charts),
 * table, step, run, study, qualification (a section each), page (puts all together). Every text from outside becomes a
 * text node: nothing is ever parsed as HTML. */

const data = JSON.parse(document.getElementById('data').textContent);

data.steps.forEach((step, i) => { step.index = i; });
const severalPasses = data.steps.some((step) => step.pass > 1);

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

/* A number with as many digits as a reader can use; "–" where it is not known. */
function digits(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value)) return value.toLocaleString('en-GB');
  if (size >= 1000) return value.toLocaleString('en-GB', {maximumFractionDigits: 0});
  if (size >= 100) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  return value.toFixed(size >= 0.001 ? 4 : 6);
}

/* Seconds, in milliseconds where they are few. */
function seconds(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return Math.abs(value) < 1 ? `${digits(Math.round(value * 1e5) / 100)} ms` : `${digits(value)} s`;
}

function count(number, word) {
  return `${digits(number)} ${word}${number === 1 ? '' : 's'}`;
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

/* What is odd about a step, in sentences. */
function oddities(step) {
  const sentences = [];
  if (step.verdict !== 'valid') sentences.push(`Measurement ${step.verdict}${step.reason ? `: ${step.reason}` : ''}.`);
  for (const flag of step.flags) sentences.push(`${flag[0].toUpperCase()}${flag.slice(1)}.`);
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
  if (data.runs.length > 1) parts.push(data.runs[step.run].name);
  if (step.warmup) parts.push('warm-up');
  return parts.join(' · ');
}

/* A table's cell: numbers right, others left. */
function cell(value, attributes) {
  const isNumber = typeof value === 'number' || value === null;
  return el('td', {class: isNumber ? 'number' : null, ...attributes}, isNumber ? digits(value) : value);
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
