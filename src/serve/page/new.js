// A new run: where it goes, what it sends, its plan, and its start.
import { count, element, say } from './dom.js';
import { choicesOf, clearFaults, fieldOf, fieldsOf, showFaults } from './new_fields.js';
import { common, modes } from './new_modes.js';
import { dataFields } from './new_files.js';
import { Editor, copy } from './new_editor.js';
import { showEndpoint } from './new_endpoint.js';
import { RowsTable } from './new_rows.js';
import { csvOf, numberOr, pairsOf, yamlOf } from './new_text.js';
import { Checker, RunDialog, faultList, totalsWords } from './new_plan.js';
import { showQueue } from './queue.js';

const kept = 'new-run';

// What a tab starts with; a table has rows of its own.
function freshMode(mode) {
  return { ...mode.values, ...(mode.table ? { table: { columns: [], rows: Array.from({ length: mode.table.rows || 1 }, () => ({ ...mode.table.row })) } } : {}) };
}

function freshState() {
  return { mode: modes[0].id, common: { timeout: '600' }, values: Object.fromEntries(modes.map((mode) => [mode.id, freshMode(mode)])), hand: null };
}

// The draft of this tab, as it was left.
function storedState() {
  try {
    const state = JSON.parse(sessionStorage.getItem(kept));

    return modes.every(({ id }) => state.values[id]) ? state : freshState();
  } catch {
    return freshState();
  }
}

// As a text: not every seed is a number that JavaScript can hold.
const drawnSeed = () => String(crypto.getRandomValues(new Uint32Array(1))[0]);

class NewRun {
  constructor(main) {
    this.drawn = drawnSeed();
    this.state = storedState();
    this.endpoint = { api: 'sncloud', address: null };
    this.models = null;
    if (modes.some(({ id }) => id === location.hash.slice(1)))
      this.state.mode = location.hash.slice(1);
    this.checker = new Checker(() => this.draft(), (plan) => this.tell(plan), (error) => this.trouble(error));
    this.draw(main);
  }

  get mode() {
    return modes.find(({ id }) => id === this.state.mode);
  }

  get values() {
    return this.state.values[this.state.mode];
  }

  // --- What is asked ---

  settings() {
    const { timeout, labels } = this.state.common;

    return { model_configs_path: 'rows.csv', llm_api: this.endpoint.api, output_files_dir: 'results', consolidated_results_dir: 'results',
             timeout: numberOr(timeout), ...this.mode.settings?.(this.values), labels: pairsOf(labels) };
  }

  texts() {
    if (this.state.hand)
      return this.state.hand;
    const { columns, rows } = this.mode.rows(this.values);

    return { config: yamlOf(this.settings()), rows: csvOf(columns, rows) };
  }

  draft() {
    const { config, rows } = this.texts(), { name, seed } = this.state.common;

    return { command: this.mode.command || 'run', config, rows: rows.trim() ? rows : null, name: name?.trim() || null,
             seed: seed?.trim() || this.drawn, options: {} };
  }

  commandLine() {
    const quoted = (text) => (/^[A-Za-z0-9_.:/-]+$/.test(text) ? text : `'${String(text).replaceAll('\'', '\'\\\'\'')}'`);
    const { command, name, seed } = this.draft();
    const url = this.endpoint.key === 'typed' && !this.endpoint.address.includes('*') ? ['--url', quoted(this.endpoint.address)] : [];

    return ['coebench', command, 'config.yaml', ...(name ? ['--name', quoted(name)] : []), '--seed', quoted(seed), ...url].join(' ');
  }

  // --- What is shown ---

  draw(main) {
    this.box = element('section', { id: 'endpoint', 'aria-labelledby': 'endpoint-title' });
    this.tabs = element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Kind of run' }, modes.map((mode) => this.tab(mode)));
    this.panel = element('div', { id: 'panel', role: 'tabpanel' });
    this.plan = element('section', { id: 'plan', 'aria-label': 'Plan', 'aria-live': 'polite' });
    this.queueRoot = element('section', { id: 'queue', 'aria-label': 'Queue' });
    this.queue = showQueue(this.queueRoot);
    this.dialog = new RunDialog(() => { this.drawn = drawnSeed(); this.queue.refresh(); }, () => this.checker.soon());
    this.button = element('button', { type: 'submit', class: 'control primary', id: 'plan-and-run' }, 'Plan and run …');
    this.fields = element('fieldset', { class: 'bare', 'aria-label': 'What is sent' });
    main.replaceChildren(
      element('h1', {}, 'New run'), element('h2', { id: 'endpoint-title' }, 'Endpoint'), this.box,
      element('h2', {}, 'What is sent'), this.tabs,
      element('form', { novalidate: true, id: 'new-run', onsubmit: (event) => { event.preventDefault(); this.ask(); } },
        this.panel, this.plan, element('p', { class: 'controls' }, this.button)),
      this.advanced(), this.queueRoot, this.dialog.root);
    this.show();
  }

  tab(mode) {
    const chosen = () => { this.state.mode = mode.id; this.state.hand = null; this.show(); };
    const made = element('button', { type: 'button', role: 'tab', id: `tab-${mode.id}`, 'aria-controls': 'panel', onclick: chosen,
                                     onkeydown: (event) => this.arrow(event, mode) }, mode.name);

    return made;
  }

  arrow(event, mode) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = step && modes[(modes.indexOf(mode) + step + modes.length) % modes.length];

    if (!next)
      return;
    event.preventDefault();
    this.state.mode = next.id;
    this.state.hand = null;
    this.show();
    document.getElementById(`tab-${next.id}`).focus();
  }

  // The tab that is chosen, and its fields; where the text was edited by hand, they rest.
  show() {
    for (const tab of this.tabs.children) {
      const chosen = tab.id === `tab-${this.mode.id}`;

      tab.setAttribute('aria-selected', chosen);
      tab.tabIndex = chosen ? 0 : -1;
    }
    history.replaceState(null, '', `#${this.mode.id}`);
    this.panel.setAttribute('aria-labelledby', `tab-${this.mode.id}`);
    this.fillModels();
    this.fields.replaceChildren(...this.parts());
    this.panel.replaceChildren(element('p', { class: 'faint' }, this.mode.about), this.handNote(), this.fields);
    this.changed();
  }

  parts() {
    const { mode, values } = this, changed = (field) => this.edited(field);
    const controls = fieldsOf(mode.fields.map((field) => this.modelField(field)), values, changed);

    this.rowsTable = null;
    if (mode.table) {
      values.table.columns = typeof mode.table.columns === 'function' ? mode.table.columns(values)
        : values.table.columns.length ? values.table.columns : [...mode.table.columns];
      this.rowsTable = new RowsTable(values.table, { blank: { ...mode.table.row, model_name: this.models?.[0] || '' }, more: mode.table.more,
                                                     models: this.models, changed: () => this.changed() });
    }
    return [mode.data ? dataFields(values, () => this.changed()) : '', mode.choices ? choicesOf(mode.choices, this.models, values, changed) : '',
            controls, this.rowsTable?.root || '', element('h3', { class: 'below' }, 'The run'),
            element('div', { class: 'fields' }, common.map((field) => fieldOf(field, this.state.common, () => this.changed())))];
  }

  modelField(field) {
    if (field.kind !== 'model')
      return field;
    return this.models
      ? { ...field, kind: 'select', options: [...new Set([...this.models, this.values.model_name])].filter(Boolean).map((name) => [name, name]) }
      : { ...field, kind: 'text', hint: 'As the endpoint names it.' };
  }

  // Where no model is chosen yet, the first that the endpoint lists.
  fillModels() {
    const { mode, values, models } = this;

    if (!models)
      return;
    if (mode.fields.some(({ kind }) => kind === 'model'))
      values.model_name ||= models[0];
    if (mode.choices)
      values.models ||= models.slice(0, mode.choices.most).join('\n');
    values.table?.rows.forEach((row, i) => { row.model_name ||= models[i % models.length]; });
  }

  handNote() {
    return this.state.hand
      ? element('p', { class: 'note' }, 'The text under Advanced was edited: it is used as it stands, and these fields are not. ',
        element('button', { type: 'button', class: 'control', onclick: () => { this.state.hand = null; this.show(); } }, 'Use the fields again'))
      : '';
  }

  advanced() {
    this.config = new Editor('Config (YAML)', (text) => this.byHand({ config: text }));
    this.rows = new Editor('Rows (CSV)', (text) => this.byHand({ rows: text }));
    this.line = element('code', { id: 'command-line' });
    return element('details', { id: 'advanced' }, element('summary', {}, 'Advanced: the config and the rows themselves'),
      element('p', { class: 'faint small' }, 'What the fields make, checked as it is typed. Any setting may be added here. The config\'s folders are those of the workbench, whatever it names.'),
      this.config.root, this.rows.root,
      element('p', {}, 'In a terminal, with both saved as config.yaml and rows.csv, this does the same:'),
      element('p', { class: 'controls' }, this.line, element('button', { type: 'button', class: 'control small', onclick: () => copy(this.line.textContent, 'The command line') }, 'Copy')));
  }

  byHand(part) {
    const first = !this.state.hand;

    this.state.hand = { ...this.texts(), ...part };
    if (first)
      this.panel.replaceChildren(element('p', { class: 'faint' }, this.mode.about), this.handNote(), this.fields);
    this.changed();
  }

  // --- Edits and checks ---

  // A field on which others depend: they are drawn anew, and it keeps the focus.
  edited(field) {
    if (field.name === 'load') {
      this.show();
      this.fields.querySelector('[name=load]').focus();
    } else
      this.changed();
  }

  changed() {
    const { config, rows } = this.texts();

    this.fields.disabled = Boolean(this.state.hand);
    sessionStorage.setItem(kept, JSON.stringify(this.state));
    this.config.show(config);
    this.rows.show(rows);
    this.line.textContent = this.commandLine();
    if (this.missing)
      this.showMissing();
    else {
      this.plan.setAttribute('aria-busy', 'true');
      this.checker.soon();
    }
  }

  // What has to be chosen before there is anything to check.
  get missing() {
    return this.state.hand ? '' : this.mode.missing?.(this.values) || '';
  }

  showMissing() {
    this.checker.rest();
    clearFaults(this.fields);
    this.config.mark([], []);
    this.rows.mark([], []);
    this.plan.replaceChildren(element('p', { class: 'totals' }, this.missing));
    delete this.plan.dataset.sound;
    this.plan.removeAttribute('aria-busy');
  }

  ask() {
    if (this.missing)
      this.fields.querySelector('input').focus();
    else {
      this.checker.rest();
      this.dialog.open(this.draft());
    }
  }

  tell(plan) {
    const inPart = (list, part) => list.filter((one) => one.part === part);

    clearFaults(this.fields);
    const outside = this.state.hand || !this.rowsTable ? plan.faults : this.rowsTable.showFaults(plan.faults);
    const rest = this.state.hand ? plan.faults : showFaults(this.fields, outside);

    this.config.mark(inPart(plan.faults, 'config'), inPart(plan.warnings, 'config'));
    this.rows.mark(inPart(plan.faults, 'rows'), inPart(plan.warnings, 'rows'));
    this.plan.replaceChildren(
      element('p', { class: plan.sound ? 'totals' : 'totals bad' }, plan.sound ? totalsWords(plan) : `${count(plan.faults.length, 'fault')} to mend before it can run.`),
      faultList(rest, 'bad'), faultList(plan.warnings, 'doubt'));
    this.plan.dataset.sound = plan.sound;
    this.plan.removeAttribute('aria-busy');
  }

  trouble(error) {
    this.plan.replaceChildren(element('p', { class: 'note', role: 'alert' }, error.message));
    delete this.plan.dataset.sound;
    this.plan.removeAttribute('aria-busy');
  }

  // The endpoint is known, and later its models; a select in the place of a text comes with those.
  toldEndpoint({ endpoint, models }) {
    this.endpoint = endpoint;
    this.models = models;
    this.show();
  }

  async start() {
    await showEndpoint(this.box, (told) => this.toldEndpoint(told));
    await this.queue.refresh();
  }
}

export async function showNew(main) {
  document.title = 'New run – coebench';
  say('');
  await new NewRun(main).start();
}
