// The kinds of runs that the page makes: the fields of each, and the draft that follows from them.
import { numberOr, usualColumns } from './new_text.js';

const images = [['N/A', 'none'], ['small', 'small, 500 × 500'], ['medium', 'medium, 1000 × 1000'], ['large', 'large, 2000 × 2000']];
const distributions = [['constant', 'constant'], ['uniform', 'uniform'], ['exponential', 'exponential']];
const orders = [['as-listed', 'as listed'], ['reverse', 'reverse'], ['shuffle', 'shuffle'], ['rotate', 'rotate'],
                ['williams', 'williams'], ['all-pairs', 'all pairs'], ['residency', 'residency']];
const byLoad = [['concurrent_requests', 'requests at once'], ['qps', 'requests per second']];

const model = { name: 'model_name', label: 'Model', kind: 'model', wide: true };
const input = { name: 'input_tokens', label: 'Input', unit: 'tokens', kind: 'number', min: 1, step: 1 };
const output = { name: 'output_tokens', label: 'Output', unit: 'tokens', kind: 'number', min: 1, step: 1 };
const requests = { name: 'num_requests', label: 'Requests', kind: 'number', min: 1, step: 1 };
const together = { name: 'concurrent_requests', label: 'Requests at once', kind: 'number', min: 1, step: 1 };
const rate = { name: 'qps', label: 'Requests per second', kind: 'number', min: 0 };
const distribution = { name: 'qps_distribution', label: 'Moments of sending', kind: 'select', options: distributions };
const image = { name: 'multimodal_img_size', label: 'Picture in each request', kind: 'select', options: images };
const load = { name: 'load', label: 'Load by', kind: 'select', options: byLoad };
const atOnce = { ...together, when: (values) => values.load !== 'qps' };
const perSecond = [{ ...rate, when: (values) => values.load === 'qps' }, { ...distribution, when: (values) => values.load === 'qps' }];
const order = { name: 'order', label: 'Order', kind: 'select', options: orders };
const passes = { name: 'passes', label: 'Passes', kind: 'number', min: 1, step: 1 };
const probe = { name: 'probe', key: 'probe.steady', label: 'Probe', unit: 'steady requests', kind: 'number', min: 0, step: 1,
                hint: 'Before each row, one request that may wait for the switch, then so many that do not. 0: none.' };

// One row from fields that bear the names of columns.
function rowOf(values, names) {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']));
}

function oneRow(values, names) {
  return { columns: usualColumns, rows: [rowOf(values, names)] };
}

function loadNames(values) {
  return values.load === 'qps' ? ['qps', 'qps_distribution'] : ['concurrent_requests'];
}

function orderSettings(values) {
  const steady = numberOr(values.probe);

  return {
    order: values.order === 'as-listed' ? undefined : values.order,
    passes: numberOr(values.passes) === 1 ? undefined : numberOr(values.passes),
    probe: steady ? { steady } : undefined,
  };
}

function names(text) {
  return (text || '').split('\n').map((one) => one.trim()).filter(Boolean);
}

function byShare(values) {
  return values.load === 'share';
}

// Of rows that share places the first has the number of them, and of requests.
function mixRows(values) {
  const { columns, rows } = values.table;
  const first = rowOf(values, ['num_requests', 'concurrent_requests']);
  const places = byShare(values) ? ['num_requests', 'concurrent_requests'] : [];

  return {
    columns: [...columns, ...places, 'mix'],
    rows: rows.map((row, i) => ({ ...rowOf(row, columns), ...(places.length && i === 0 ? first : {}), mix: values.mix })),
  };
}

const lengths = ['model_name', 'input_tokens', 'output_tokens'];
const usual = { input_tokens: '1000', output_tokens: '1000', num_requests: '10', concurrent_requests: '1', qps: '1',
                qps_distribution: 'constant', multimodal_img_size: 'N/A' };

export const modes = [
  {
    id: 'synthetic', name: 'Synthetic',
    about: 'Requests of one length to one model, always so many at once.',
    values: usual, fields: [model, input, output, requests, together, image],
    rows: (values) => oneRow(values, [...lengths, 'num_requests', 'concurrent_requests', 'multimodal_img_size']),
  },
  {
    id: 'real-workload', name: 'Real workload',
    about: 'Requests that leave by the clock, whatever the responses do.',
    values: usual, fields: [model, input, output, requests, rate, distribution, image],
    rows: (values) => oneRow(values, [...lengths, 'num_requests', 'qps', 'qps_distribution', 'multimodal_img_size']),
  },
  {
    id: 'custom', name: 'Custom data set',
    about: 'Your own prompts: a .jsonl file with one object a line that has prompt and, for a picture, image_path.',
    values: { ...usual, num_requests: '', load: 'concurrent_requests', responses: true },
    data: true, missing: (values) => (values.dataset ? '' : 'Choose a data set first.'),
    fields: [model, output, { ...requests, placeholder: 'each prompt once' }, load, atOnce, ...perSecond,
             { name: 'responses', key: 'save_llm_responses', label: 'Keep the text of responses', kind: 'check' }],
    rows: (values) => ({
      columns: [...usualColumns, 'dataset'],
      rows: [rowOf(values, ['model_name', 'output_tokens', 'num_requests', ...loadNames(values), 'dataset'])],
    }),
    settings: (values) => ({ save_llm_responses: values.responses || undefined }),
  },
  {
    id: 'bundle', name: 'Bundle',
    about: 'Any rows, one after another: models, lengths and batch sizes of a bundle.',
    values: { order: 'as-listed', passes: '1', probe: '0' }, fields: [order, passes, probe],
    table: { columns: usualColumns, row: { ...usual, qps: '', qps_distribution: '', multimodal_img_size: '' }, more: true },
    rows: (values) => values.table, settings: orderSettings,
  },
  {
    id: 'switching', name: 'Switching study',
    about: 'What it costs when the node goes from one model to another.',
    values: { ...usual, input_tokens: '500', output_tokens: '16', num_requests: '1', order: 'all-pairs', passes: '3', probe: '5' },
    choices: { name: 'models', label: 'Models', most: 5 },
    fields: [input, output, together, requests, { ...order, options: orders.slice(1) }, passes, probe],
    rows: (values) => ({
      columns: usualColumns,
      rows: names(values.models).map((one) => rowOf({ ...values, model_name: one }, [...lengths, 'num_requests', 'concurrent_requests'])),
    }),
    settings: orderSettings,
  },
  {
    id: 'search', name: 'Search', command: 'search',
    about: 'The highest load at which most requests keep what was promised. The load below is where the search begins.',
    values: { ...usual, output_tokens: '100', num_requests: '10', load: 'concurrent_requests', ttft: '2', share: '0.95', budget: '1200' },
    fields: [model, input, output, load, atOnce, ...perSecond,
             { name: 'ttft', key: 'slo', label: 'Time to first token of at most', unit: 's', kind: 'number', min: 0 },
             { name: 'share', key: 'search.goodput_share', label: 'Kept by this share of requests', kind: 'number', min: 0.5 },
             { name: 'budget', key: 'search.budget_s', label: 'Time for the search', unit: 's', kind: 'number', min: 1 }],
    rows: (values) => oneRow(values, [...lengths, 'num_requests', ...loadNames(values)]),
    settings: (values) => ({
      slo: { client_ttft_s: numberOr(values.ttft) },
      search: { goodput_share: numberOr(values.share), budget_s: numberOr(values.budget) },
    }),
  },
  {
    id: 'mix', name: 'Mix',
    about: 'Rows that run together, on one clock.',
    values: { ...usual, num_requests: '40', concurrent_requests: '4', mix: 'mix', load: 'qps' },
    fields: [{ name: 'mix', label: 'Name of the mix', kind: 'text' },
             { ...load, options: [['qps', 'each row at its own rate'], ['share', 'places that the rows share']] },
             { ...requests, label: 'Requests of all rows', when: byShare }, { ...together, label: 'Places', when: byShare }],
    table: { columns: (values) => [...lengths, ...(byShare(values) ? ['share'] : ['num_requests', 'qps', 'qps_distribution'])],
             row: { ...usual, output_tokens: '100', qps_distribution: 'exponential', share: '1' }, rows: 2 },
    rows: mixRows,
  },
];

// What every run may have besides.
export const common = [
  { name: 'name', label: 'Name of the run', kind: 'text', key: 'run_name', placeholder: 'the date' },
  { name: 'labels', label: 'Labels', kind: 'text', wide: true, placeholder: 'release=2.1, operator=me' },
  { name: 'seed', label: 'Seed', kind: 'text', placeholder: 'drawn fresh' },
  { name: 'timeout', label: 'Time limit of a row', unit: 's', kind: 'number', min: 0.001 },
];
