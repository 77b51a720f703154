// A figure over runs: a point for each step, by date or by a label, and the mean of each label's runs.
import { loadChart, styleOf, watchTheme } from './watch_chart.js';
import { element } from './dom.js';
import { figure, seconds } from './units.js';

const words = (value, unit) => (unit === 's' ? seconds(value) : `${figure(value)}${unit ? ` ${unit}` : ''}`);

function dateWords(ms) {
  return new Date(ms).toLocaleDateString(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
}

// [{x, y, point}]; of labels, x is the label's place in the order in which it first came.
function place(points, by) {
  const names = [...new Set(points.map((point) => point.labels[by]))];

  return by === ''
    ? { names: null, data: points.filter((point) => point.started_utc).map((point) => ({ x: Date.parse(point.started_utc), y: point.value, point })) }
    : { names, data: points.map((point) => ({ x: names.indexOf(point.labels[by]), y: point.value, point })) };
}

function meansOf(placed) {
  return placed.names === null ? [] : placed.names.map((name, x) => {
    const values = placed.data.filter((one) => one.x === x).map((one) => one.y);

    return { x, y: values.reduce((sum, value) => sum + value, 0) / values.length };
  });
}

function options(placed, unit, title) {
  const scale = (text, ticks) => ({ title: { display: true, text, color: styleOf('--faint') }, ticks: { color: styleOf('--faint'), maxRotation: 0, autoSkipPadding: 16, ...ticks }, grid: { color: styleOf('--rule') } });
  const named = placed.names !== null;
  const xTicks = { callback: (value) => (named ? placed.names[value] : dateWords(value)) };
  const range = named ? { min: -0.5, max: placed.names.length - 0.5, afterBuildTicks: (axis) => { axis.ticks = placed.names.map((_, value) => ({ value })); } } : {};

  return { animation: false, maintainAspectRatio: false, parsing: false,
           plugins: { legend: { display: named, labels: { color: styleOf('--text'), boxWidth: 24, boxHeight: 2 } },
                      tooltip: { callbacks: { label: ({ raw }) => `${raw.point ? `${raw.point.name}: ` : 'mean: '}${words(raw.y, unit)}`, title: () => '' } } },
           scales: { x: { type: 'linear', ...scale(named ? '' : 'Start of the run', xTicks), ...range },
                     y: { ...scale(title, { callback: (value) => words(value, unit) }), beginAtZero: true } } };
}

export async function historyChart(points, by, unit, title) {
  const Chart = await loadChart();
  const placed = place(points, by);
  const canvas = element('canvas', { role: 'img', 'aria-label': `${title} of ${points.length} steps; the table below has the same figures` });
  const datasets = [
    { type: 'scatter', label: 'each step', data: placed.data, pointRadius: 5, pointHoverRadius: 7 },
    { type: 'line', label: 'mean', data: meansOf(placed), borderWidth: 2, borderDash: [5, 4], pointRadius: 0 }];
  const chart = new Chart(canvas, { type: 'scatter', data: { datasets }, options: options(placed, unit, title) });

  watchTheme(() => {
    chart.options = options(placed, unit, title);
    datasets[0].borderColor = datasets[0].backgroundColor = styleOf('--accent');
    datasets[1].borderColor = datasets[1].backgroundColor = styleOf('--doubt');
    chart.update('none');
  });
  canvas.addEventListener('click', (event) => {
    const [hit] = chart.getElementsAtEventForMode(event, 'nearest', { intersect: true }, false);

    if (hit && hit.datasetIndex === 0) location.assign(`/run/${placed.data[hit.index].point.run}`);
  });
  return element('figure', { class: 'wide' }, element('div', { class: 'canvas' }, canvas), element('figcaption', {}, 'A point is a step of a run; a click opens the run.'));
}

export { words };
