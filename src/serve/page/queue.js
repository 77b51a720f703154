// The runs that wait for their endpoint: shown in their order, moved and removed.
import { get, send } from './api.js';
import { element, say } from './dom.js';

function words({ waits_for: other, error, endpoint }) {
  if (error)
    return element('span', { class: 'fault' }, `could not start: ${error}`);
  return other ? ['waits for ', element('a', { href: `/run/${other.id}` }, other.name)] : `waits for ${endpoint}`;
}

// Draws the queue into `root`, which is empty where nothing waits, and keeps it up to date.
export function showQueue(root) {
  let shown = '';

  async function put(queue, sentence) {
    try {
      draw((await send('PUT', '/queue', { order: queue.map(({ id }) => id) })).queue);
      say(sentence);
    } catch (error) {
      say(error.message);
      await refresh();
    }
  }

  function move(queue, i, by) {
    const next = [...queue];

    next.splice(i + by, 0, ...next.splice(i, 1));
    return put(next, `${queue[i].name} is at place ${i + by + 1} now.`);
  }

  function line(queue, one, i) {
    const button = (name, label, off, act) => element('button', {
      type: 'button', class: 'control small', 'data-act': `${one.id} ${name}`, 'aria-label': `${label} ${one.name}`, disabled: off, onclick: act,
    }, name);

    return element('li', {}, element('strong', {}, one.name), ' ', words(one), ' ', element('span', { class: 'acts' },
      button('Sooner', 'Sooner:', i === 0, () => move(queue, i, -1)), button('Later', 'Later:', i === queue.length - 1, () => move(queue, i, 1)),
      button('Remove', 'Remove', false, () => put(queue.filter((_, j) => j !== i), `${one.name} waits no more.`))));
  }

  // The button that had the focus has it again, or its neighbour where it cannot be pressed any more.
  function draw(queue) {
    const act = document.activeElement?.dataset?.act;

    shown = JSON.stringify(queue);
    root.replaceChildren(...(queue.length === 0 ? [] : [element('h2', {}, 'Queue'), element('ol', { class: 'queue' }, queue.map((one, i) => line(queue, one, i)))]));
    const again = act && root.querySelector(`[data-act="${CSS.escape(act)}"]`);

    if (again)
      (again.disabled ? again.parentElement.querySelector('button:not(:disabled)') : again).focus();
  }

  async function refresh() {
    const { queue } = await get('/queue');

    if (JSON.stringify(queue) !== shown)
      draw(queue);
  }

  setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 2000);
  return { refresh };
}
