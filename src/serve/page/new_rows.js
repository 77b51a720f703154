// Rows as a table to edit: cells, rows to add, move and remove, what a spreadsheet copied, CSV files.
import { element, say, count } from './dom.js';
import { columns as known, csvOf, headerOf, rowsOf, tableOf } from './new_text.js';

const chosen = {
  qps_distribution: ['', 'constant', 'uniform', 'exponential', 'gamma'],
  multimodal_img_size: ['', 'N/A', 'small', 'medium', 'large'],
};

function words(name) {
  return name.replaceAll('_', ' ');
}

// A cell: of a column with few values a list, else a text, since the check tells what is no number.
function cellOf(name, row, number, listId, edit) {
  const label = `${words(name)}, row ${number}`;
  const options = chosen[name] && [...new Set([...chosen[name], row[name] ?? ''])];
  const control = options
    ? element('select', { class: 'control', 'aria-label': label }, options.map((one) =>
      element('option', { value: one, selected: one === (row[name] ?? '') }, one)))
    : element('input', { class: `control ${name}`, type: 'text', 'aria-label': label, value: row[name] ?? '', autocomplete: 'off', spellcheck: 'false',
                         list: name === 'model_name' ? listId : null });

  const take = () => {
    if (row[name] !== control.value) {
      row[name] = control.value;
      edit();
    }
  };

  control.addEventListener('input', take);
  control.addEventListener('change', take);
  return element('td', { 'data-column': name }, control, element('span', { class: 'fault small' }));
}

export class RowsTable {
  // `table` is {columns, rows}; `models` may be null. `changed` is called with each edit.
  constructor(table, { blank, more, models, changed }) {
    Object.assign(this, { table, blank, more, models: models || [], changed });
    this.root = element('div', { class: 'rows-table' });
    this.root.addEventListener('paste', (event) => this.paste(event));
    this.root.addEventListener('keydown', (event) => this.key(event));
    this.draw();
  }

  draw() {
    const { columns, rows } = this.table;
    const heads = columns.map((name) => element('th', { scope: 'col' }, words(name)));

    this.root.replaceChildren(
      element('datalist', { id: 'rows-models' }, this.models.map((name) => element('option', { value: name }))),
      element('div', { class: 'scrolled', role: 'region', tabindex: 0, 'aria-label': 'Rows' },
        element('table', {}, element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, '#'), heads, element('th', { scope: 'col' }, 'Row'))),
          element('tbody', {}, rows.map((row, i) => this.line(row, i))))),
      ...this.tools());
  }

  line(row, i) {
    const button = (name, label, act, off = false) => element('button', {
      type: 'button', class: 'control small', 'aria-label': `${label} row ${i + 1}`, title: label, disabled: off, onclick: act,
    }, name);

    return element('tr', {}, element('th', { scope: 'row' }, String(i + 1)),
      this.table.columns.map((name) => cellOf(name, row, i + 1, 'rows-models', this.changed)),
      element('td', { class: 'acts' },
        button('↑', 'Move up', () => this.move(i, -1), i === 0), button('↓', 'Move down', () => this.move(i, 1), i === this.table.rows.length - 1),
        button('Copy', 'Copy', () => this.edit(() => this.table.rows.splice(i + 1, 0, { ...row }), i + 1)),
        button('✕', 'Remove', () => this.edit(() => this.table.rows.splice(i, 1), Math.max(0, i - 1)))));
  }

  tools() {
    const file = element('input', { type: 'file', accept: '.csv,.tsv,.txt,text/csv', class: 'control', onchange: () => this.take(file.files[0]) });
    const left = known.filter((name) => !this.table.columns.includes(name));
    const add = element('select', { class: 'control', onchange: () => this.edit(() => this.table.columns.push(add.value), 0) },
      element('option', { value: '' }, 'choose …'), left.map((name) => element('option', { value: name }, words(name))));

    return [
      element('p', { class: 'controls' },
        element('button', { type: 'button', class: 'control', onclick: () => this.edit(() => this.table.rows.push({ ...(this.table.rows.at(-1) || this.blank) }), this.table.rows.length - 1) }, 'Add row'),
        this.more ? element('label', {}, 'Add column', add) : null,
        this.more ? element('label', {}, 'Import CSV', file) : null,
        element('button', { type: 'button', class: 'control', onclick: () => this.give() }, 'Export CSV')),
      element('p', { class: 'faint small' }, 'Cells copied from a spreadsheet can be pasted into any cell; with a header row they replace the table. ' +
        'Alt and an arrow key move a row.'),
    ];
  }

  // A change of the table's shape; then row `focus` has the focus.
  edit(change, focus) {
    change();
    this.draw();
    this.root.querySelectorAll('tbody tr')[Math.min(focus, this.table.rows.length - 1)]?.querySelector('input')?.focus();
    this.changed();
  }

  move(i, by) {
    const { rows } = this.table;

    if (rows[i + by] === undefined)
      return;
    this.edit(() => rows.splice(i + by, 0, ...rows.splice(i, 1)), i + by);
    say(`Row ${i + 1} is row ${i + by + 1} now.`);
  }

  // Up and down go from row to row, with Alt they take the row along.
  key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const line = event.target.closest('tbody tr');

    if (!step || !line || event.target.tagName === 'SELECT' && !event.altKey)
      return;
    const lines = [...this.root.querySelectorAll('tbody tr')], i = lines.indexOf(line);

    event.preventDefault();
    if (event.altKey)
      this.move(i, step);
    else
      lines[i + step]?.children[[...line.children].indexOf(event.target.closest('td'))]?.querySelector('input, select, button')?.focus();
  }

  paste(event) {
    const text = event.clipboardData.getData('text/plain');
    const at = event.target.closest('td[data-column]');

    if (!at || !/[\t\n]/.test(text.trimEnd()))
      return;
    event.preventDefault();
    const lines = tableOf(text);

    if (headerOf(lines[0]))
      this.replace(rowsOf(text));
    else
      this.fill(lines, [...this.root.querySelectorAll('tbody tr')].indexOf(at.closest('tr')), this.table.columns.indexOf(at.dataset.column));
  }

  fill(lines, top, left) {
    const { columns, rows } = this.table;

    this.edit(() => lines.forEach((cells, i) => {
      rows[top + i] ??= { ...this.blank };
      cells.forEach((text, j) => { if (columns[left + j]) rows[top + i][columns[left + j]] = text.trim(); });
    }), top);
    say(`Pasted ${count(lines.length, 'row')}.`);
  }

  replace(read) {
    this.edit(() => {
      if (this.more)
        this.table.columns = read.columns;
      this.table.rows = read.rows;
    }, 0);
    say(`The table has ${count(read.rows.length, 'row')} now.`);
  }

  async take(file) {
    const read = file && rowsOf(await file.text());

    if (read)
      this.replace(read);
    else if (file)
      say(`${file.name} has no column model_name in its first line, so it is no file of rows.`);
  }

  give() {
    const address = URL.createObjectURL(new Blob([csvOf(this.table.columns, this.table.rows)], { type: 'text/csv' }));

    element('a', { href: address, download: 'rows.csv' }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  // Shows what is wrong in its cell; a fault's line counts from the header, 1. Returns the others.
  showFaults(faults) {
    const lines = [...this.root.querySelectorAll('tbody tr')];

    return faults.filter(({ part, line, field, sentence }) => {
      const place = part === 'rows' && lines[line - 2]?.querySelector(`[data-column="${CSS.escape(field || '')}"]`);

      if (!place)
        return true;
      place.querySelector('.fault').textContent = sentence;
      place.querySelector('input, select').setAttribute('aria-invalid', 'true');
      return false;
    });
  }
}
