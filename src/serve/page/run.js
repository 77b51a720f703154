// One run: what it is, its report in a frame of its own, its files, and its end.
import { get, send } from './api.js';
import { element, say } from './dom.js';

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
    element('summary', {}, files.length === 1 ? '1 file' : `${files.length} files`),
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
    link('workbook', 'Workbook'), link('archive', 'All files (.tar)'),
    element('button', { class: 'control danger', type: 'button', onclick: () => dialog.showModal() }, 'Delete …'));
}

export async function showRun(main, [, id]) {
  const { run, files } = await get(`/runs/${id}`);
  const dialog = deleteDialog(run);

  document.title = `${run.name} – coebench`;
  main.replaceChildren(
    element('h1', {}, run.name),
    tools(run, dialog),
    element('iframe', { class: 'report-frame', title: `Report of ${run.name}`, src: `/api/v1/runs/${id}/report`, onload: () => say('The report is here.') }),
    fileList(id, files), dialog);
  say('The report is being made …');
}
