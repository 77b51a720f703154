// Requests to the workbench's own API, each with this tab's secret.

// What went wrong, in a sentence for people.
export class Refusal extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function refusalOf(response) {
  let sentence = `the workbench responded with ${response.status}`;

  try {
    sentence = (await response.json()).error || sentence;
  } catch { /* no JSON: the status says it */ }
  return new Refusal(response.status, sentence);
}

export async function ask(path, options) {
  const headers = { 'X-Coebench': sessionStorage.getItem('secret') || '', ...options.headers };
  let response;

  try {
    response = await fetch(`/api/v1${path}`, { ...options, headers });
  } catch {
    throw new Refusal(0, "The workbench does not respond: does 'coebench serve' still run?");
  }
  if (!response.ok)
    throw await refusalOf(response);
  return response;
}

export async function get(path) {
  return (await ask(path, { method: 'GET' })).json();
}

export async function send(method, path, body) {
  const response = await ask(path, { method, headers: { 'Content-Type': 'application/json' },
                                     body: body === undefined ? undefined : JSON.stringify(body) });

  return response.status === 204 ? null : response.json();
}

// Sends a file as it is; {name, reference, bytes} of what the workbench keeps.
export async function upload(kind, name, body) {
  const query = new URLSearchParams({ kind, name });

  return (await ask(`/uploads?${query}`, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body })).json();
}
