// A data set of one's own: its lines, its pictures, and the names under which the workbench keeps them.
import { upload } from './api.js';
import { count, element } from './dom.js';

// The lines of a .jsonl as objects; a Refusal tells which is none.
function linesOf(text) {
  return text.split(/\r?\n/).map((line, i) => {
    if (line.trim() === '')
      return null;
    try {
      return JSON.parse(line);
    } catch {
      throw new Error(`line ${i + 1} of the data set is no JSON; each line is one object, such as {"prompt": "Hello"}`);
    }
  }).filter(Boolean);
}

// Calls `visit` with each object, of whatever depth, that names a picture.
function withPictures(value, visit) {
  if (value === null || typeof value !== 'object')
    return;
  if (typeof value.image_path === 'string')
    visit(value);
  Object.values(value).forEach((one) => withPictures(one, visit));
}

function baseName(path) {
  return path.split(/[\\/]/).at(-1);
}

// The picture of that name among the files; a Refusal says which lacks.
function pictureOf(path, files, line) {
  const found = files.find((file) => file.name === baseName(path));

  if (!found)
    throw new Error(`line ${line} names the picture ${baseName(path)}, which is not among those chosen: choose it too`);
  return found;
}

// Uploads pictures first, then the data set with the names that they got. Returns the data set's
// reference, how many prompts and pictures; `told` is called with progress.
export async function uploadDataset(file, pictures, told) {
  const lines = linesOf(await file.text());
  const needed = new Map();

  lines.forEach((line, i) => withPictures(line, (place) => needed.set(place.image_path, pictureOf(place.image_path, pictures, i + 1))));
  let done = 0;

  for (const [path, picture] of needed) {
    told(`Picture ${++done} of ${needed.size} …`);
    needed.set(path, (await upload('image', picture.name, picture)).reference);
  }
  lines.forEach((line) => withPictures(line, (place) => { place.image_path = needed.get(place.image_path); }));
  told('The data set …');
  const body = needed.size === 0 ? file : new Blob([lines.map((line) => `${JSON.stringify(line)}\n`).join('')]);
  const { reference } = await upload('dataset', file.name, body);

  return { reference, prompts: lines.length, pictures: needed.size };
}

// The two file fields of the data set; what was uploaded stands in `values` (dataset, dataset_words).
export function dataFields(values, changed) {
  const words = element('p', { class: 'small', id: 'data-words', role: 'status' }, values.dataset_words || 'No data set yet.');
  const fault = element('span', { class: 'fault small', role: 'alert' });
  const data = element('input', { type: 'file', id: 'data-file', accept: '.jsonl,.json,.ndjson', class: 'control' });
  const pictures = element('input', { type: 'file', id: 'data-pictures', accept: 'image/png,image/jpeg', multiple: true, class: 'control' });

  async function take() {
    const [file] = data.files;

    if (!file)
      return;
    fault.textContent = '';
    try {
      const kept = await uploadDataset(file, [...pictures.files], (part) => { words.textContent = `Uploading: ${part}`; });

      values.dataset = kept.reference;
      values.dataset_words = `${file.name}: ${count(kept.prompts, 'prompt')}${kept.pictures ? `, ${count(kept.pictures, 'picture')}` : ''}.`;
    } catch (error) {
      values.dataset = '';
      values.dataset_words = '';
      fault.textContent = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
    }
    words.textContent = values.dataset_words || 'No data set yet.';
    changed();
  }
  data.addEventListener('change', take);
  pictures.addEventListener('change', take);
  return element('div', { class: 'fields', 'data-field': 'dataset' },
    element('div', { class: 'field' }, element('label', { for: 'data-file' }, 'Data set (.jsonl)'), data, fault),
    element('div', { class: 'field' }, element('label', { for: 'data-pictures' }, 'Its pictures (PNG, JPEG)'), pictures), words);
}
