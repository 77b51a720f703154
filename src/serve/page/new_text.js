// Drafts as text: the YAML of a config, the CSV of its rows, and tables that spreadsheets copy.

// Columns of rows in the order of the documentation; the first eight are the usual ones.
export const columns = ['model_name', 'input_tokens', 'output_tokens', 'num_requests', 'concurrent_requests', 'qps',
                        'qps_distribution', 'multimodal_img_size', 'dataset', 'mix', 'share', 'warmup', 'duration_s', 'warmup_requests',
                        'cooldown_requests', 'stddev_input_tokens', 'stddev_output_tokens', 'burstiness', 'qps_end', 'qps_ramp',
                        'max_in_flight', 'prefix_tokens', 'turns', 'turn_input_tokens', 'think_time_s', 'trace', 'trace_speed',
                        'trace_from_s', 'trace_for_s'];
export const usualColumns = columns.slice(0, 8);

// --- YAML -------------------------------------------------------------------------------------------

const word = /^[A-Za-z_][A-Za-z0-9_./-]*$/, number = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;
const otherwise = /^(y|n|yes|no|on|off|true|false|null|nan)$/i;

function scalar(value) {
  const text = String(value);

  if (typeof value === 'number' || typeof value === 'boolean')
    return text;
  return word.test(text) && !otherwise.test(text) ? text : JSON.stringify(text);
}

function flow(value) {
  if (Array.isArray(value))
    return `[${value.map(flow).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value).map(([key, one]) => `${scalar(key)}: ${flow(one)}`).join(', ')}}`;
  return scalar(value);
}

// Keys and values in their order; what is undefined is left out, and so is a group without members.
export function yamlOf(settings) {
  const asked = Object.entries(settings).filter(([, value]) => value !== undefined && value !== '' &&
    !(typeof value === 'object' && Object.keys(value).length === 0));

  return asked.map(([key, value]) => `${key}: ${flow(value)}\n`).join('');
}

// What a field holds: a number where it is written as one, else the text, which the check complains of.
export function numberOr(text) {
  const trimmed = String(text ?? '').trim();

  if (trimmed === '')
    return undefined;
  return number.test(trimmed) ? Number(trimmed) : trimmed;
}

// "release=2.1, operator=me" as a mapping.
export function pairsOf(text) {
  const pairs = (text || '').split(',').map((pair) => pair.trim()).filter(Boolean);

  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf('=');

    return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  }));
}

// --- Tables -----------------------------------------------------------------------------------------

function cell(value) {
  const text = String(value ?? '');

  return /[",;\t\r\n|]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(names, rows) {
  const line = (cells) => `${cells.map(cell).join(',')}\n`;

  return line(names) + rows.map((row) => line(names.map((name) => row[name]))).join('');
}

// The separator that is most frequent in the first line.
function separatorOf(text) {
  const first = text.split(/\r?\n/, 1)[0];
  const frequency = (separator) => first.split(separator).length;

  return ['\t', ',', ';', '|'].reduce((best, one) => (frequency(one) > frequency(best) ? one : best));
}

// Lines of cells (RFC 4180; the separator found by itself).
export function tableOf(text) {
  const separator = separatorOf(text), lines = [[]];
  let at = 0, quoted = false, one = '';
  const end = () => { lines.at(-1).push(one); one = ''; };

  text = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  for (; at < text.length; at++) {
    const character = text[at];

    if (quoted && character === '"' && text[at + 1] === '"')
      one += text[++at];
    else if (character === '"' && (quoted || one === ''))
      quoted = !quoted;
    else if (!quoted && character === separator)
      end();
    else if (!quoted && character === '\n') {
      end();
      lines.push([]);
    } else
      one += character;
  }
  end();
  return lines.filter((cells) => cells.some((text) => text.trim() !== ''));
}

// The columns that a line names, or null: then it is no header.
export function headerOf(cells) {
  const names = cells.map((text) => text.trim().toLowerCase().replaceAll(' ', '_'));

  return names.includes('model_name') ? names : null;
}

// A table with a header as columns and rows; null where it has none.
export function rowsOf(text) {
  const [head, ...lines] = tableOf(text.replace(/^(\ufeff)?sep=.\r?\n/, ''));
  const names = head && headerOf(head);

  return names && {
    columns: names.filter(Boolean),
    rows: lines.map((cells) => Object.fromEntries(names.map((name, i) => [name, (cells[i] ?? '').trim()]).filter(([name]) => name))),
  };
}
