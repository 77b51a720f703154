// One run: what it is, its report in a frame of its own, its files, and its end.
import { get, send } from './api.js';
import { count, element, say } from './dom.js';

function bytesWords(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;

  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

function fileList(id, files) {
  return element('details', {},
    element('summary', {}, count(files.length, 'file')),
    element('ul', {}, files.map((file) => element('li', {},
      file.name.includes('/') ? file.name : element('a', { href: `/api/v1/runs/${id}/files/${file.name}`, download: true }, file.name),
      ` (${bytesWords(file.bytes)})`))));
}

// The question before a run is deleted: its name has to be typed.
function deleteDialog(run) {
  const input = element('input', { class: 'control', 'aria-label': 'Name of the run', autocomplete: 'off' });
  const fault = element('p', { class: 'note', role: 'alert', hidden: true });
  const dialog = element('dialog', { 'aria-label': 'Delete this run' },
    element('form', { method: 'dialog', onsubmit: (event) => { event.preventDefault(); remove(); } },
      element('h2', {}, 'Delete this run?'),
      element('p', {}, 'All its files go; this cannot be undone. Type its name to go on: ', element('strong', {}, run.name)),
      input, fault,
      element('p', { class: 'controls' },
        element('button', { class: 'control danger', type: 'submit' }, 'Delete'),
        element('button', { class: 'control', type: 'button', onclick: () => dialog.close() }, 'Keep it'))));

  async function remove() {
    try {
      await send('DELETE', `/runs/${run.id}`, { name: input.value });
      location.assign('/runs');
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    }
  }
  return dialog;
}

function tools(run, dialog) {
  const link = (part, words) => element('a', { class: 'control', href: `/api/v1/runs/${run.id}/${part}` }, words);

  return element('p', { class: 'controls' },
    run.steps > 0 ? link('workbook', 'Workbook') : null, link('archive', 'All files (.tar)'),
    element('button', { class: 'control danger', type: 'button', onclick: () => dialog.showModal() }, 'Delete …'));
}

function report(run) {
  return run.steps === 0
    ? element('p', {}, 'No step of it has ended yet; the report comes with the first.')
    : element('iframe', { class: 'report-frame', title: `Report of ${run.name}`, src: `/api/v1/runs/${run.id}/report`, onload: () => say('The report is here.') });
}

function stepWords(run) {
  return `Under way: ${run.steps} of ${count(run.planned, 'step')} ended, ${count(run.completed, 'request')} completed.`;
}

// Of a run under way: how far it is, and its end.
function progress(run) {
  const words = element('span', {}, stepWords(run));
  const fault = element('span', { role: 'alert' });
  const ask = (what, sentence) => async () => {
    try {
      await send('POST', `/runs/${run.id}/${what}`);
      say(sentence);
    } catch (error) {
      fault.textContent = error.message;
    }
  };
  const made = element('p', { class: 'controls', id: 'progress' }, words,
    element('button', { class: 'control', type: 'button', onclick: ask('stop', 'It sends nothing more, and waits for what is in flight.') }, 'Stop'),
    element('button', { class: 'control danger', type: 'button', onclick: ask('cancel', 'What is in flight ends now.') }, 'Cancel'), fault);

  setInterval(async () => {
    const now = (await get(`/runs/${run.id}`)).run;

    if (now.state !== 'running')
      location.reload();
    words.textContent = stepWords(now);
  }, 2000);
  return made;
}

export async function showRun(main, [, id]) {
  const { run, files } = await get(`/runs/${id}`);
  const dialog = deleteDialog(run);

  document.title = `${run.name} – coebench`;
  main.replaceChildren(
    element('h1', {}, run.name),
    run.state === 'running' ? progress(run) : '',
    tools(run, dialog), report(run), fileList(id, files), dialog);
  say(run.steps > 0 ? 'The report is being made …' : '');
}
