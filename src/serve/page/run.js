// One run: what it is, its report in a frame of its own, its files, and its end.
import { get, send } from './api.js';
import { count, element, say } from './dom.js';
import { watchPanel } from './watch.js';

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

// Of a run under way: how it goes, its end, and another one beside it.
async function progress(run) {
  const leaving = new AbortController();

  addEventListener('pagehide', () => leaving.abort());
  return element('div', { id: 'progress' },
    await watchPanel(run, leaving.signal, () => location.reload()),
    element('p', {}, element('a', { href: `/watch?run=${run.id}` }, 'Watch it beside another run')));
}

export async function showRun(main, [, id]) {
  const { run, files } = await get(`/runs/${id}`);
  const dialog = deleteDialog(run);

  document.title = `${run.name} – coebench`;
  main.replaceChildren(
    element('h1', {}, run.name),
    run.state === 'running' ? await progress(run) : '',
    tools(run, dialog), report(run), fileList(id, files), dialog);
  say(run.steps > 0 ? 'The report is being made …' : '');
}
