// The chat: one model, or two side by side with the same questions.
import { get } from './api.js';
import { Column } from './chat_column.js';
import { uploadImage } from './chat_stream.js';
import { element, say } from './dom.js';

const tokensLeast = 50, tokensMost = 2048, tokens = 512;

// Models are chosen from the list where the endpoint has one; else their names are typed.
async function listModels() {
  try {
    return { names: (await get('/models')).models.map(({ name }) => name), why: '' };
  } catch (error) {
    if (error.status === 401)
      throw error;
    return { names: [], why: error.message };
  }
}

function endpointWords(endpoint) {
  const keys = { environment: 'key from the environment', '.env file': 'key from a .env file', typed: 'key typed for this session', none: 'without a key' };

  return endpoint.address
    ? `${endpoint.address} (${endpoint.api}), ${keys[endpoint.key] || endpoint.key}`
    : 'No endpoint is named by the environment or a .env file: name one where a new run is made.';
}

// Two controls with one value.
function tokenChoice() {
  const range = element('input', { type: 'range', min: tokensLeast, max: tokensMost, step: 1, value: tokens, 'aria-label': 'Output tokens at most, as a slider', oninput: () => { number.value = range.value; } });
  const number = element('input', { id: 'tokens', type: 'number', min: tokensLeast, max: tokensMost, step: 1, value: tokens, required: true, class: 'control', oninput: () => { range.value = number.value; } });

  return { number, field: element('div', { class: 'field' }, element('label', { for: 'tokens' }, 'Output tokens at most'), element('span', { class: 'controls' }, range, number)) };
}

function makeSettings() {
  const choice = tokenChoice();
  const temperature = element('input', { id: 'temperature', type: 'number', min: 0, max: 2, step: 'any', placeholder: "the model's own", class: 'control' });
  const system = element('textarea', { id: 'system', rows: 2, class: 'control', placeholder: 'You are …' });

  return {
    element: element('div', { class: 'chat-settings' }, choice.field,
      element('div', { class: 'field' }, element('label', { for: 'temperature' }, 'Temperature, 0 to 2'), temperature),
      element('div', { class: 'field wide' }, element('label', { for: 'system' }, 'What the system says first'), system)),
    read: () => ({
      output_tokens: Number(choice.number.value),
      temperature: temperature.value === '' ? null : Number(temperature.value),
      system: system.value.trim() || null,
    }),
  };
}

// A picture for the next question: shown, and uploaded when it is asked.
function makePicture() {
  const input = element('input', { id: 'picture', type: 'file', accept: 'image/png,image/jpeg', class: 'control' });

  return {
    field: element('div', { class: 'field' }, element('label', { for: 'picture' }, 'Picture, PNG or JPEG'), input),
    take: async () => {
      const file = input.files[0];

      if (!file)
        return null;
      const picture = { name: await uploadImage(file), url: URL.createObjectURL(file), file: file.name };

      input.value = '';
      return picture;
    },
  };
}

function makeColumns(models) {
  const first = new Column('Model', 'model-a', models, models[0] || '');
  const second = new Column('Model beside it', 'model-b', models, models[1] || models[0] || '');
  const both = element('input', { id: 'both', type: 'checkbox' });
  const grid = element('div', { class: 'columns' }, first.element, second.element);
  const show = () => {
    second.element.hidden = !both.checked;
    second.input.disabled = !both.checked;
    grid.classList.toggle('two', both.checked);
  };

  both.addEventListener('change', show);
  show();
  return { grid, first, second, used: () => (both.checked ? [first, second] : [first]),
    field: element('p', { class: 'controls' }, element('label', {}, both, 'Ask two models the same'),
      element('span', { class: 'small faint' }, 'The second is asked once the first has responded, so that neither waits for the other.')) };
}

function makeComposer() {
  const text = element('textarea', { id: 'question', rows: 3, class: 'control', required: true, placeholder: 'Enter asks, Shift+Enter begins a new line' });
  const send = element('button', { class: 'control', type: 'submit' }, 'Ask');
  const stop = element('button', { class: 'control', type: 'button', disabled: true }, 'Stop');
  const anew = element('button', { class: 'control', type: 'button' }, 'New conversation');

  return { text, send, stop, anew };
}

// Asks the models one after another; Stop ends all of it.
async function askAll(columns, text, picture, settings, composer) {
  let stopped = false, current = null;

  composer.stop.onclick = () => {
    stopped = true;
    current?.stop();
  };
  composer.send.disabled = composer.anew.disabled = true;
  composer.stop.disabled = false;
  for (const column of columns) {
    if (stopped)
      break;
    current = column;
    column.system = settings.system;
    say(`Asking ${column.model} …`);
    await column.ask(text, picture, settings);
  }
  composer.stop.disabled = true;
  composer.send.disabled = composer.anew.disabled = false;
}

function makeForm(columns, settings) {
  const composer = makeComposer(), picture = makePicture();
  const fault = element('p', { class: 'note', role: 'alert', hidden: true });
  const form = element('form', { class: 'composer', onsubmit: (event) => { event.preventDefault(); submit(); } },
    columns.grid,
    element('div', { class: 'field' }, element('label', { for: 'question' }, 'Question'), composer.text), picture.field, fault,
    element('p', { class: 'controls' }, composer.send, composer.stop, composer.anew));

  async function submit() {
    const text = composer.text.value;

    fault.hidden = true;
    try {
      const taken = await picture.take();

      composer.text.value = '';
      await askAll(columns.used(), text, taken, settings.read(), composer);
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    }
    composer.text.focus();
  }
  composer.text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing)
      return;
    event.preventDefault();
    if (!composer.send.disabled)
      form.requestSubmit();
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !composer.stop.disabled)
      composer.stop.click();
  });
  composer.anew.onclick = () => {
    columns.first.clear();
    columns.second.clear();
    composer.text.focus();
  };
  return { form, composer };
}

export async function showChat(main) {
  document.title = 'Chat – coebench';
  const endpoint = await get('/endpoint'), models = await listModels();
  const columns = makeColumns(models.names), settings = makeSettings();
  const { form, composer } = makeForm(columns, settings);

  main.replaceChildren(element('h1', {}, 'Chat'),
    element('p', { id: 'endpoint', class: 'small faint' }, endpointWords(endpoint)),
    models.why ? element('p', { class: 'note' }, `${models.why}. Type a model's name.`) : '',
    element('details', { class: 'chat-details', open: innerWidth > 700 }, element('summary', {}, 'Settings'), settings.element),
    columns.field, form);
  settings.element.querySelectorAll('input').forEach((input) => input.setAttribute('form', 'chat-form'));
  form.id = 'chat-form';
  composer.text.focus();
  say('');
}
