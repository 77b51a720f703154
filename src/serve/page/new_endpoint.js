// Where the run goes: the session's endpoint, where its key comes from, and the models it lists.
import { get, send } from './api.js';
import { element } from './dom.js';

const keyWords = {
  environment: 'its key comes from the environment',
  '.env file': 'its key comes from a .env file',
  typed: 'its key was typed for this session',
  none: 'no key is sent',
};

// What the endpoint lists, or null and why not.
export async function listModels() {
  try {
    const { models } = await get('/models');
    const names = models.map(({ name }) => name);

    return names.length > 0 ? { models: names } : { models: null, why: 'The endpoint lists no models.' };
  } catch (error) {
    if (error.status === 401)
      throw error;
    return { models: null, why: error.message };
  }
}

function field(label, control, hint) {
  return element('div', { class: 'field' }, element('label', { for: control.id }, label), control,
    hint ? element('span', { class: 'faint small' }, hint) : null);
}

function form(endpoint, taken) {
  const address = element('input', { id: 'endpoint-address', class: 'control', type: 'url', value: endpoint.address || '', placeholder: 'http://127.0.0.1:8000/v1', autocomplete: 'off' });
  const api = element('select', { id: 'endpoint-api', class: 'control' },
    endpoint.apis.map((name) => element('option', { value: name, selected: name === endpoint.api }, name)));
  const key = element('input', { id: 'endpoint-key', class: 'control', type: 'password', autocomplete: 'off' });
  const fault = element('p', { class: 'note', role: 'alert', hidden: true });

  async function keep(typed) {
    try {
      await send('POST', '/endpoint', typed);
      await taken();
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    }
  }
  const typed = () => ({ address: address.value.trim(), api: api.value, ...(key.value ? { key: key.value } : {}) });

  return element('form', { novalidate: true, onsubmit: (event) => { event.preventDefault(); keep(typed()); } }, element('div', { class: 'fields' },
    field('Address', address), field('Kind', api),
    field('Key', key, 'It stays in the workbench\'s memory for this session, and goes to this address alone.')), fault,
  element('p', { class: 'controls' }, element('button', { class: 'control', type: 'submit' }, 'Use this endpoint'),
    endpoint.source === 'typed' ? element('button', { class: 'control', type: 'button', onclick: () => keep({}) }, 'Forget it') : null));
}

// Draws the box into `root`; `told` is called with {endpoint, models, why} now and after each change.
export async function showEndpoint(root, told) {
  const endpoint = await get('/endpoint');
  const details = element('details', { open: !endpoint.address }, element('summary', {}, 'Another endpoint'),
    form(endpoint, () => showEndpoint(root, told)));
  const words = element('p', { class: 'small', role: 'status' }, 'Asking for its models …');

  root.replaceChildren(element('p', { id: 'endpoint-words' }, endpoint.address
    ? [element('strong', {}, endpoint.address), ` (${endpoint.api}), ${keyWords[endpoint.key] || endpoint.key}.`]
    : 'No endpoint is named by the environment or a .env file: name it here.'), words, details);
  told({ endpoint, models: null, why: '' });
  const listed = endpoint.address ? await listModels() : { models: null, why: '' };

  words.textContent = listed.models ? `It lists ${listed.models.length === 1 ? '1 model' : `${listed.models.length} models`}.` : listed.why;
  told({ endpoint, ...listed });
}
