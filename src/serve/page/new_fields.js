// Labelled controls from tables of fields. A field is {name, label, kind, …}; its value stands in an
// object under its name, as text; `changed` is called with each edit.
import { element } from './dom.js';

let made = 0;

function listen(control, field, values, changed) {
  const take = () => {
    const value = field.kind === 'check' ? control.checked : control.value;

    if (values[field.name] !== value) {
      values[field.name] = value;
      changed(field);
    }
  };

  control.addEventListener('input', take);
  control.addEventListener('change', take);
  return control;
}

const kinds = {
  number: (field, id, value) => element('input', { id, class: 'control', type: 'number', inputmode: 'decimal', min: field.min,
                                                   step: field.step || 'any', value, placeholder: field.placeholder }),
  text: (field, id, value) => element('input', { id, class: 'control', type: 'text', value, placeholder: field.placeholder,
                                                 autocomplete: 'off', spellcheck: 'false', list: field.list }),
  lines: (field, id, value) => element('textarea', { id, class: 'control', rows: 4, spellcheck: 'false' }, value ?? ''),
  check: (field, id, value) => element('input', { id, type: 'checkbox', checked: Boolean(value) }),
  select: (field, id, value) => element('select', { id, class: 'control' }, field.options.map(([one, words]) =>
    element('option', { value: one, selected: one === value }, words))),
};

function labelled(field, control, id) {
  const label = element('label', { for: id }, field.label, field.unit ? element('span', { class: 'faint' }, ` (${field.unit})`) : null);

  return field.kind === 'check' ? [element('span', { class: 'checked' }, control, label)] : [label, control];
}

// One control with its label, its hint and room for what is wrong with it.
export function fieldOf(field, values, changed) {
  const id = `field-${++made}`;
  const control = listen(kinds[field.kind](field, id, values[field.name]), field, values, changed);
  const fault = element('span', { class: 'fault small', id: `${id}-fault` });
  const hint = field.hint ? element('span', { class: 'faint small', id: `${id}-hint` }, field.hint) : null;

  control.name = field.name;
  control.setAttribute('aria-describedby', hint ? `${id}-hint ${id}-fault` : `${id}-fault`);
  return element('div', { class: `field ${field.wide ? 'wide ' : ''}${field.kind}`, 'data-field': field.key || field.name }, labelled(field, control, id), hint, fault);
}

// All that apply to the values as they are.
export function fieldsOf(fields, values, changed) {
  return element('div', { class: 'fields' }, fields.filter((field) => !field.when || field.when(values))
    .map((field) => fieldOf(field, values, changed)));
}

// Names of models to choose several of: boxes where the endpoint lists them, else a line each.
export function choicesOf(field, models, values, changed) {
  const chosen = () => (values[field.name] || '').split('\n').filter(Boolean);
  const choose = (name, on) => {
    const rest = chosen().filter((one) => one !== name);

    values[field.name] = models.filter((one) => (one === name ? on : rest.includes(one))).join('\n');
    changed(field);
  };

  if (!models)
    return fieldOf({ ...field, kind: 'lines', hint: 'One name a line.' }, values, changed);
  return element('fieldset', { class: 'choices', 'data-field': field.name }, element('legend', {}, field.label),
    models.map((name) => element('label', {}, element('input', {
      type: 'checkbox', value: name, checked: chosen().includes(name), oninput: (event) => choose(name, event.target.checked),
    }), ` ${name}`)));
}

// Takes away what showFaults showed below `root`.
export function clearFaults(root) {
  for (const spot of root.querySelectorAll('.fault'))
    spot.textContent = '';
  for (const control of root.querySelectorAll('[aria-invalid]'))
    control.removeAttribute('aria-invalid');
}

// Shows what is wrong beside each control that it is about; returns the faults that found none.
export function showFaults(root, faults) {
  return faults.filter(({ field, sentence }) => {
    const place = field && root.querySelector(`[data-field="${CSS.escape(field)}"]`);
    const spot = place?.querySelector('.fault');

    if (!spot)
      return true;
    spot.textContent = spot.textContent || sentence;
    place.querySelector('input, select, textarea').setAttribute('aria-invalid', 'true');
    return false;
  });
}
