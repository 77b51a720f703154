// The conversation with one model: what was asked, what came, and under each response what it took.
import { askModel, saveConversation, stopResponse } from './chat_stream.js';
import { element, say } from './dom.js';

function figures(last) {
  return element('dl', { class: 'figures' }, last.words.map(([label, words]) =>
    element('div', {}, element('dt', {}, label), element('dd', {}, words))));
}

// Under a response: its figures, how it ended, what a switch cost, why it failed.
function footing(last) {
  const measured = last.figures && last.figures.latency_s !== null && (last.figures.ttft_s !== null || !last.failure);

  return [measured ? figures(last) : null,
    last.end ? element('p', { class: 'small faint' }, `It ${last.stopped ? 'was stopped' : last.end}.`) : null,
    last.switch_words ? element('p', { class: 'small switch' }, last.switch_words) : null,
    last.failure ? element('p', { class: 'note', role: 'alert' }, `Failed: ${last.failure}`) : null];
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
  const link = element('a', { href: address, download: name });

  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function modelChoice(label, id, models, value) {
  const list = `${id}-models`;

  return [element('label', { for: id }, label),
    element('input', { id, class: 'control', list, value, required: true, autocomplete: 'off', spellcheck: false }),
    element('datalist', { id: list }, models.map((name) => element('option', { value: name })))];
}

export class Column {
  constructor(label, id, models, value) {
    this.messages = []; // what is sent again with each question
    this.log = element('div', { class: 'log', role: 'log', 'aria-label': `Conversation, ${label.toLowerCase()}`, tabindex: 0 });
    this.saved = element('p', { class: 'small', role: 'status' });
    this.save = element('button', { class: 'control', type: 'button', disabled: true, onclick: () => this.keep() }, 'Save as a data set');
    this.element = element('section', { class: 'column', 'aria-label': label },
      element('p', { class: 'controls' }, modelChoice(label, id, models, value)),
      this.log, element('p', { class: 'controls' }, this.save), this.saved);
    this.input = this.element.querySelector('input');
  }

  get model() {
    return this.input.value.trim();
  }

  clear() {
    this.messages = [];
    this.log.replaceChildren();
    this.saved.textContent = '';
    this.save.disabled = true;
  }

  show(...children) {
    this.log.append(...children);
    this.log.scrollTop = this.log.scrollHeight;
  }

  // Asks, and shows the response as it comes. `picture` is {name, url} or null.
  async ask(text, picture, settings) {
    const question = { role: 'user', content: text, ...(picture ? { image: picture.name } : {}) };
    const body = element('p', { class: 'words' }), entry = element('div', { class: 'response', 'aria-busy': 'true' },
      element('p', { class: 'who' }, this.model), body);
    let last, words = '';

    this.show(element('div', { class: 'question' }, element('p', { class: 'who' }, 'You'), element('p', { class: 'words' }, text),
      picture ? element('img', { src: picture.url, alt: `Picture that went with the question: ${picture.file}` }) : null), entry);
    this.asking = true;
    try {
      last = await askModel({ model: this.model, messages: [...this.messages, question], ...settings }, (line) => {
        if (line.id)
          this.begun(line.id);
        if (line.text) {
          words += line.text;
          body.textContent = words;
          this.log.scrollTop = this.log.scrollHeight;
        }
      });
    } catch (error) {
      last = { failure: error.message, words: [] };
    }
    this.asking = this.id = this.unwanted = null;
    entry.removeAttribute('aria-busy');
    this.end(entry, question, words, last);
  }

  end(entry, question, words, last) {
    entry.append(...footing(last).filter((part) => part));
    this.log.scrollTop = this.log.scrollHeight;
    say(last.failure ? 'It failed.' : last.stopped ? 'It was stopped.' : 'The response is here.');
    if (!words)
      return;
    this.messages.push(question, { role: 'assistant', content: words });
    this.save.disabled = false;
  }

  begun(id) {
    this.id = id;
    if (this.unwanted)
      stopResponse(id);
  }

  // Ends the response under way, or the one that is about to begin.
  stop() {
    this.unwanted = this.asking;
    if (this.id)
      stopResponse(this.id);
  }

  async keep() {
    try {
      const kept = await saveConversation({ messages: this.messages, system: this.system || null });

      download('chat.jsonl', kept.dataset);
      this.saved.replaceChildren('Saved, and kept for a run whose rows name it: ', element('code', {}, kept.reference),
        kept.pictures_left_out > 0 ? '. Pictures are left out: conversations of a data set have none.' : '');
    } catch (error) {
      this.saved.textContent = error.message;
    }
  }
}
