// A run's events, as they come, for as long as somebody looks: where the stream breaks off, it is begun again.
import { ask } from './api.js';

const wait = (ms, signal) => new Promise((resolve) => {
  setTimeout(resolve, ms);
  signal.addEventListener('abort', resolve);
});

// Calls take(word, data) for each event of one stream; returns whether it came to its end.
async function readOnce(id, take, signal) {
  const response = await ask(`/runs/${id}/events`, { method: 'GET', signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '', ended = false;

  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const blocks = (rest + piece.value).split('\n\n');

    rest = blocks.pop();
    for (const block of blocks.filter((one) => one.startsWith('event: '))) {
      const word = block.slice(7, block.indexOf('\n'));

      take(word, JSON.parse(block.slice(block.indexOf('data: ') + 6)));
      ended = ended || word === 'end';
    }
  }
  return ended;
}

// trouble(sentence) tells that it is tried again, and trouble('') that it goes on.
export async function follow(id, take, trouble, signal) {
  for (let pause = 1000; !signal.aborted; pause = Math.min(2 * pause, 15000)) {
    try {
      const heard = (word, data) => { trouble(''); pause = 1000; take(word, data); };

      if (await readOnce(id, heard, signal)) return;
      trouble('The workbench has ended the stream; it is asked again …');
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401 || error.status === 404) throw error;
      trouble(`${error.message} It is asked again …`);
    }
    await wait(pause, signal);
  }
}
