// Two runs held against each other by a policy, or one switching study over several.
import { get, send } from './api.js';
import { count, element, say } from './dom.js';

const isId = (id) => /^[0-9a-f]{16}$/.test(id || '');

function runWords(run) {
  const labels = Object.entries(run.labels).map(([name, value]) => `${name}=${value}`).join(', ');
  const when = run.started_utc ? new Date(run.started_utc).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '';

  return [run.name, when, labels].filter(Boolean).join(' · ');
}

// A run out of those that a search finds; one that is chosen stays in the list.
function picker(words, name, chosen, first) {
  const select = element('select', { name, class: 'control', required: true });
  const search = element('input', { type: 'search', class: 'control', placeholder: 'search', 'aria-label': `Search for the ${words.toLowerCase()}` });
  let timer;

  const show = (runs) => {
    const all = chosen && !runs.some((run) => run.id === chosen.id) ? [chosen, ...runs] : runs;

    select.replaceChildren(...all.map((run) => element('option', { value: run.id, selected: run.id === chosen?.id }, runWords(run))));
  };
  select.addEventListener('change', () => { chosen = null; });
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      chosen = null;
      show((await get(`/runs?${new URLSearchParams({ search: search.value })}`)).runs);
    }, 250);
  });
  show(first);
  return element('fieldset', { class: 'picker' }, element('legend', {}, words), search, element('label', {}, element('span', { class: 'faint small' }, 'Run'), select));
}

function policyChoice(policies, chosen) {
  const usual = policies.usual ? `${policies.usual} (the usual one)` : 'policy:standard (built in)';
  const names = policies.usual ? policies.policies : policies.policies.filter((name) => name !== 'policy:standard');

  return element('label', {}, 'Policy', element('select', { name: 'policy', class: 'control' },
    element('option', { value: '' }, usual), names.map((name) => element('option', { value: name, selected: name === chosen }, name))));
}

// Where what was made comes: its sentence, its page in a frame, its workbook.
function results(title) {
  const place = element('div', { 'aria-busy': 'false' });

  return {
    place,
    async show(asking) {
      place.setAttribute('aria-busy', 'true');
      place.replaceChildren(element('p', { class: 'faint' }, 'It is being made; runs of many requests take a while …'));
      try {
        const made = await asking();

        place.replaceChildren(
          element('p', { class: 'controls' }, element('a', { class: 'control', href: made.workbook }, 'Workbook')),
          element('iframe', { class: 'report-frame', title, src: made.report }));
        say(`${made.sentence}.`);
      } catch (error) {
        place.replaceChildren(element('p', { class: 'note', role: 'alert' }, error.message));
      }
      place.setAttribute('aria-busy', 'false');
    },
  };
}

async function runOf(id) {
  return isId(id) ? (await get(`/runs/${id}`)).run : null;
}

async function showStudy(main, ids) {
  const runs = await Promise.all(ids.map(runOf));
  const result = results('Study');

  document.title = 'Study – coebench';
  main.replaceChildren(
    element('h1', {}, `One study over ${count(runs.length, 'run')}`),
    element('ul', { class: 'chips' }, runs.map((run) => element('li', {}, element('a', { href: `/run/${run.id}` }, runWords(run))))),
    element('p', { class: 'faint' }, 'Rows that ask for the same are the same row in every run; their switches are concluded over all of them together.'),
    result.place);
  await result.show(() => send('POST', '/studies', { runs: ids }));
}

async function showPair(main, query) {
  const [base, candidate, policies, { runs }] = await Promise.all([
    runOf(query.get('base')), runOf(query.get('candidate')), get('/policies'), get('/runs')]);
  const result = results('Comparison');
  const done = runs.filter((run) => run.steps > 0);

  const open = (event) => {
    event.preventDefault();
    location.assign(`/compare?${new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value))}`);
  };
  const swap = () => location.assign(`/compare?${new URLSearchParams({ base: candidate.id, candidate: base.id, policy: query.get('policy') || '' })}`);

  document.title = 'Compare – coebench';
  main.replaceChildren(
    element('h1', {}, 'Compare'),
    element('form', { class: 'controls', onsubmit: open },
      picker('Baseline', 'base', base, done.slice(1).concat(done.slice(0, 1))), picker('Candidate', 'candidate', candidate, done),
      policyChoice(policies, query.get('policy')),
      element('button', { class: 'control', type: 'submit' }, 'Compare'),
      base && candidate ? element('button', { class: 'control', type: 'button', onclick: swap }, 'Swap them') : null),
    result.place);
  if (base && candidate)
    await result.show(() => send('POST', '/compare', { base: base.id, candidate: candidate.id, policy: query.get('policy') || null }));
}

export async function showCompare(main) {
  const query = new URLSearchParams(location.search);
  const study = query.getAll('study').filter(isId);

  await (study.length > 0 ? showStudy(main, study) : showPair(main, query));
}
