// Elements from names, attributes and children; texts from outside are text, never markup.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);

  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on'))
      made.addEventListener(key.slice(2), value);
    else if (value === true)
      made.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Says something to everybody, screen readers among them.
export function say(sentence) {
  document.getElementById('status').textContent = sentence;
}

// '1 request', '1,200 requests'
export function count(number, noun) {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
