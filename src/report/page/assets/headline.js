/* --- What the page opens with ----------------------------------------------------------------- */

const headline = data.headline;

/* From 0 (or the lowest, where that is negative) to the highest end of an interval, as shares. */
function barScale(bars) {
  const values = bars.flatMap((bar) => [bar.value, bar.low, bar.high]).filter(isKnown);
  const low = Math.min(0, ...values), high = Math.max(0, ...values), span = high - low || 1;
  return (value) => 100 * (value - low) / span;
}

function barRow(bar, at) {
  const track = el('div', {class: 'track'});
  if (isKnown(bar.value)) {
    const fill = el('div', {class: 'fill'});
    fill.style.left = `${Math.min(at(0), at(bar.value))}%`;
    fill.style.width = `${Math.abs(at(bar.value) - at(0))}%`;
    fill.style.backgroundColor = bar.model ? modelColour(bar.model) : styleOf('--accent');
    track.append(fill);
  }
  if (isKnown(bar.low) && isKnown(bar.high)) {
    const whisker = el('div', {class: 'whisker'});
    whisker.style.left = `${at(bar.low)}%`;
    whisker.style.width = `${at(bar.high) - at(bar.low)}%`;
    track.append(whisker);
  }
  return el('div', {class: 'bar', 'data-value': bar.value, title: bar.model || null}, el('span', {class: 'label'}, bar.label), track, el('span', {class: 'words'}, bar.words));
}

function headlineBars() {
  if (headline.bars.length === 0) return null;
  const at = barScale(headline.bars);
  return el('figure', {class: 'bars', id: 'bars'}, el('h3', {}, headline.bar_title), el('div', {class: 'bar-rows'}, headline.bars.map((bar) => barRow(bar, at))),
    headline.bar_note ? el('figcaption', {}, headline.bar_note) : null);
}

/* A figure and its unit stay on one line. */
function together(text) {
  return text.split(/(\d[\d.]* (?:%|(?:ms|s|GB\/s|GB)\b))/).map((part, i) => (i % 2 ? el('span', {class: 'together'}, part) : part));
}

function headlineTiles() {
  const there = (id) => document.getElementById(id) && !document.getElementById(id).hidden;
  return el('div', {class: 'tiles'}, headline.tiles.map((tile) => el(there(tile.section) ? 'a' : 'div',
    {class: `tile ${tile.tone}`, href: there(tile.section) ? `#${tile.section}` : null}, el('strong', {}, tile.title), el('span', {}, together(tile.text)))));
}

/* After all sections, since its tiles lead to those that are there. */
function showHeadline() {
  section('headline', '', el('p', {class: `sentence ${headline.tone}`}, together(headline.sentence), '.'),
    el('div', {class: 'opening'}, headlineBars(), headline.tiles.length > 0 ? headlineTiles() : null),
    headline.look ? el('p', {class: 'look'}, `${headline.look}.`) : null);
}

function showTitle() {
  document.title = `${headline.measured || data.title} – ${data.title}`;
  document.getElementById('title').textContent = headline.measured || data.title;
  document.getElementById('made').textContent = [headline.endpoint, headline.release, headline.date].filter(Boolean).join(' · ');
}
