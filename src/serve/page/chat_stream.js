// A question to the workbench, and its response line by line as it comes.
import { ask, send } from './api.js';

// Calls `taken` with each object of the reply; returns the last, which has the figures.
export async function askModel(question, taken) {
  const reply = await ask('/chat', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question) });
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = '', last = null;

  for (;;) {
    const { value, done } = await reader.read();
    const lines = (kept + (value || '')).split('\n');

    kept = lines.pop();
    for (const line of lines.filter((one) => one)) {
      last = JSON.parse(line);
      taken(last);
    }
    if (done)
      break;
  }
  return last?.done ? last : { failure: 'the workbench ended before the response did', words: [] };
}

export async function stopResponse(id) {
  try {
    await ask('/chat/stop', { method: 'POST', body: id });
  } catch (error) {
    if (error.status !== 404) // it has ended by itself
      throw error;
  }
}

export async function uploadImage(file) {
  const reply = await ask(`/uploads?kind=image&name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file });

  return (await reply.json()).name;
}

export async function saveConversation(conversation) {
  return send('POST', '/chat/save', conversation);
}
