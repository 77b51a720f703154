// A text with numbered lines, on which faults are shown at their place.
import { element, say } from './dom.js';

let made = 0;

export async function copy(text, what) {
  await navigator.clipboard.writeText(text);
  say(`${what} is copied.`);
}

export class Editor {
  // `edited` is called with the text after each edit by hand.
  constructor(label, edited) {
    const id = `editor-${++made}`;

    this.numbers = element('div', { class: 'numbers', 'aria-hidden': 'true' });
    this.area = element('textarea', { id, class: 'control', wrap: 'off', rows: 8, spellcheck: 'false', autocomplete: 'off', 'aria-describedby': `${id}-faults` });
    this.faults = element('ul', { class: 'faults plain small', id: `${id}-faults` });
    this.area.addEventListener('input', () => { this.number(); edited(this.area.value); });
    this.area.addEventListener('scroll', () => { this.numbers.scrollTop = this.area.scrollTop; });
    this.marked = new Map();
    this.root = element('div', { class: 'editor' },
      element('p', { class: 'controls' }, element('label', { for: id }, label),
        element('button', { type: 'button', class: 'control small', onclick: () => copy(this.area.value, label) }, 'Copy')),
      element('div', { class: 'lines' }, this.numbers, this.area), this.faults);
  }

  show(text) {
    if (this.area.value !== text)
      this.area.value = text;
    this.number();
  }

  number() {
    const count = this.area.value.split('\n').length;

    this.numbers.replaceChildren(...Array.from({ length: count }, (_, i) =>
      element('div', { class: this.marked.get(i + 1), title: this.marked.has(i + 1) ? 'see below' : null }, String(i + 1))));
    this.numbers.scrollTop = this.area.scrollTop;
  }

  // `faults` and `warnings` are [{line, sentence}].
  mark(faults, warnings) {
    const entry = ({ line, sentence }, kind) => element('li', { class: kind },
      line ? element('button', { type: 'button', class: 'fold', onclick: () => this.go(line) }, `Line ${line}`) : null, ` ${sentence}`);

    this.marked = new Map([...warnings.map(({ line }) => [line, 'doubt']), ...faults.map(({ line }) => [line, 'bad'])]);
    this.faults.replaceChildren(...faults.map((one) => entry(one, 'bad')), ...warnings.map((one) => entry(one, 'doubt')));
    this.area.toggleAttribute('aria-invalid', faults.length > 0);
    this.number();
  }

  go(line) {
    const lines = this.area.value.split('\n');
    const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);

    this.area.focus();
    this.area.setSelectionRange(from, from + (lines[line - 1] || '').length);
  }
}
