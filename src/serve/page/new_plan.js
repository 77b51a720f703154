// What a draft would send: checked as it is typed, and once more, with the endpoint, before it runs.
import { Refusal, get, send } from './api.js';
import { count, element, say } from './dom.js';

// --- Words --------------------------------------------------------------------------------------------

function timeWords(seconds) {
  if (seconds < 90)
    return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400)
    return `${Math.round(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
}

function searchWords(search, time) {
  return `A search of ${count(search.rows, 'row')}: at most ${count(search.steps, 'step')}, ` +
    `${count(search.requests, 'request')} and ${timeWords(time)}.`;
}

export function totalsWords(plan) {
  const { totals, search } = plan;

  if (search)
    return searchWords(search, search.time_s);
  const steps = totals.steps === totals.rows ? '' : ` in ${count(totals.steps, 'step')}`;
  const most = totals.at_most ? 'at most ' : '';

  return `${count(totals.rows, 'row')}${steps}: ${most}${count(totals.requests, 'request')}, ${totals.input_tokens.toLocaleString('en')} tokens in ` +
    `and ${totals.output_tokens.toLocaleString('en')} out, about ${timeWords(plan.time_s ?? totals.time_s)}.`;
}

// The sentence alone, without file, line and field, which stand beside it.
function sentenceOf({ text, line, field }) {
  const place = line ? text.indexOf(`:${line}: `) : -1;
  const rest = place < 0 ? text : text.slice(place + `:${line}: `.length);

  return field && rest.startsWith(`${field}: `) ? rest.slice(field.length + 2) : rest;
}

const parts = { config: 'config', rows: 'rows' };

function withSentence(fault) {
  return { ...fault, part: parts[fault.file], sentence: sentenceOf(fault) };
}

function placeWords({ part, file, line, field }) {
  const where = part ? { config: 'Config', rows: 'Rows' }[part] : file;

  return [where, line ? `line ${line}` : null, field ? field.replaceAll('_', ' ') : null].filter(Boolean).join(', ');
}

export function faultList(faults, kind) {
  return element('ul', { class: `faults plain ${kind}` }, faults.map((fault) => {
    const place = placeWords(fault);

    return element('li', {}, place ? element('strong', {}, `${place}: `) : null, fault.sentence);
  }));
}

// --- Checks -------------------------------------------------------------------------------------------

// A plan of the draft, its faults and warnings with part and sentence.
export async function check(draft, online) {
  const plan = await send('POST', '/plan', { ...draft, options: { ...draft.options, online } });

  return { ...plan, faults: plan.faults.map(withSentence), warnings: plan.warnings.map(withSentence) };
}

// Checks the newest draft a moment after the last edit; `told` gets the plan, `failed` what else went
// wrong. Another tab of the session may have asked in between: then it asks again.
export class Checker {
  constructor(draft, told, failed) {
    Object.assign(this, { draft, told, failed, number: 0 });
  }

  // What one under way finds is of an older draft.
  soon(after = 350) {
    this.rest();
    this.timer = setTimeout(() => this.now(), after);
  }

  // No check is wanted any more, nor what one under way finds.
  rest() {
    clearTimeout(this.timer);
    this.number++;
  }

  async now() {
    const number = ++this.number;

    try {
      const plan = await check(this.draft(), false);

      if (number === this.number)
        this.told(plan);
    } catch (error) {
      if (number !== this.number)
        return;
      if (error.status === 409)
        this.soon(1000);
      else
        this.failed(error);
    }
  }
}

// --- Running ------------------------------------------------------------------------------------------

const anywayWords = 'Both runs share the endpoint then: each slows the other down, both manifests say so, and what switches cost ' +
  'cannot be measured in either.';

function runButtonWords(busy, anyway) {
  if (!busy)
    return 'Run';
  return anyway ? 'Run anyway' : 'Put into the queue';
}

// Opens the run's page once the run is there.
async function follow(started) {
  for (let i = 0; i < 120; i++) {
    try {
      await get(`/runs/${started.id}`);
      break;
    } catch (error) {
      if (error.status !== 404)
        throw error;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
  }
  location.assign(`/run/${started.id}`);
}

// The plan of a draft, and the question whether to run it; `queued` is called where it waits, and
// `closed` in the end.
export class RunDialog {
  constructor(queued, closed) {
    this.queued = queued;
    this.body = element('div', { class: 'plan-body' });
    this.fault = element('p', { class: 'note', role: 'alert', hidden: true });
    this.button = element('button', { class: 'control primary', type: 'submit' }, 'Run');
    this.root = element('dialog', { id: 'run-dialog', 'aria-labelledby': 'run-dialog-title', onclose: closed },
      element('form', { method: 'dialog', onsubmit: (event) => { event.preventDefault(); this.run(); } },
        element('h2', { id: 'run-dialog-title' }, 'Plan'), this.body, this.fault,
        element('p', { class: 'controls' }, this.button,
          element('button', { class: 'control', type: 'button', onclick: () => this.root.close() }, 'Close'))));
  }

  async open(draft) {
    this.draft = draft;
    this.anyway = false;
    this.busy = null;
    this.fault.hidden = true;
    this.button.disabled = true;
    this.button.textContent = 'Run';
    this.body.replaceChildren(element('p', { role: 'status' }, 'Asking the endpoint …'));
    if (!this.root.open)
      this.root.showModal();
    try {
      this.show(await this.checked(draft));
    } catch (error) {
      this.body.replaceChildren();
      this.trouble(error);
    }
  }

  // Another tab of the session may check a draft of its own meanwhile; the newest check wins.
  async checked(draft, tries = 20) {
    try {
      return await check(draft, true);
    } catch (error) {
      if (error.status !== 409 || tries === 0)
        throw error;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
      return this.checked(draft, tries - 1);
    }
  }

  show(plan) {
    this.busy = plan.busy;
    this.body.replaceChildren(
      plan.sound ? element('p', { class: 'sentence' }, totalsWords(plan)) : element('p', {}, 'It cannot run like this:'),
      plan.endpoint ? element('p', {}, 'To ', element('strong', {}, plan.endpoint), '.') : '',
      faultList(plan.faults, 'bad'), faultList(plan.warnings, 'doubt'), plan.sound && plan.busy ? this.waiting(plan.busy) : '');
    this.button.disabled = !plan.sound;
    this.button.textContent = runButtonWords(plan.busy, false);
    if (plan.sound)
      this.button.focus();
  }

  waiting(busy) {
    const choose = (event) => {
      this.anyway = event.target.checked;
      this.button.textContent = runButtonWords(busy, this.anyway);
    };

    return element('div', { class: 'note' },
      element('p', {}, element('a', { href: `/run/${busy.id}` }, busy.name), ' measures this endpoint now. This run waits in the queue, and starts when that one has ended.'),
      element('p', {}, element('label', {}, element('input', { type: 'checkbox', id: 'anyway', 'aria-describedby': 'anyway-words', oninput: choose }), ' Run it now anyway')),
      element('p', { class: 'small', id: 'anyway-words' }, anywayWords));
  }

  trouble(error) {
    this.fault.textContent = error.message;
    this.fault.hidden = false;
  }

  async run() {
    if (this.button.disabled)
      return;
    this.button.disabled = true;
    this.fault.hidden = true;
    try {
      const started = await send('POST', '/runs', { ...this.draft, anyway: this.anyway });

      if (started.state === 'queued') {
        this.root.close();
        say(`${started.name} waits in the queue, at place ${started.position}.`);
        await this.queued(started);
      } else
        await follow(started);
    } catch (error) {
      this.trouble(error instanceof Refusal ? error : new Refusal(0, String(error)));
      this.button.disabled = false;
    }
  }
}
