// Two charts of a run under way: how much comes, and how long the first token takes.
import { element } from './dom.js';

let library;

// Chart.js is no module: it is there once its script is loaded.
export function loadChart() {
  library = library || new Promise((resolve, reject) => {
    document.head.append(element('script', { src: '/assets/chart.js', onload: () => resolve(window.Chart), onerror: reject }));
  });
  return library;
}

export function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// Calls it now, and again as the theme changes.
export function watchTheme(colour) {
  new MutationObserver(colour).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  colour();
}

const sides = [['--accent', []], ['--doubt', [5, 4]]];

// `axis`: what stands at the left, in words(value); one line needs no legend.
function options({ axis, words, legend }) {
  const scale = (text, more) => ({ title: { display: true, text, color: styleOf('--faint') }, ticks: { color: styleOf('--faint'), ...more },
                                   grid: { color: styleOf('--rule') } });

  return { animation: false, maintainAspectRatio: false, parsing: false, normalized: true,
           elements: { point: { radius: 0, hitRadius: 8 } }, interaction: { mode: 'index', intersect: false },
           plugins: { legend: { display: legend, labels: { color: styleOf('--text'), boxWidth: 24, boxHeight: 1 } } },
           scales: { x: { type: 'linear', ...scale('Since the first request, s', { maxRotation: 0 }), min: 0 },
                     y: { ...scale(axis, { callback: words }), beginAtZero: true } } };
}

export async function makeChart({ title, caption, axis, words, lines }) {
  const Chart = await loadChart();
  const look = { axis, words, legend: lines.length > 1 };
  const canvas = element('canvas', { role: 'img', 'aria-label': `${title}. ${caption}` });
  const datasets = lines.map((label, i) => ({ label, data: [], borderWidth: 2, borderDash: sides[i][1] }));
  const chart = new Chart(canvas, { type: 'line', data: { datasets }, options: options(look) });

  watchTheme(() => {
    chart.options = options(look);
    datasets.forEach((set, i) => { set.borderColor = set.backgroundColor = styleOf(sides[i][0]); });
    chart.update('none');
  });
  return {
    figure: element('figure', {}, element('h3', {}, title), element('div', { class: 'canvas' }, canvas), element('figcaption', {}, caption)),
    show(series) {
      series.forEach((points, i) => { datasets[i].data = points; });
      chart.update('none');
    },
  };
}
