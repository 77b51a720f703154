// Two charts of a run under way: how much comes, and how long the first token takes.
import { element } from './dom.js';

let library;

// Chart.js is no module: it is there once its script is loaded.
function load() {
  library = library || new Promise((resolve, reject) => {
    document.head.append(element('script', { src: '/assets/chart.js', onload: () => resolve(window.Chart), onerror: reject }));
  });
  return library;
}

function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const sides = [['--accent', []], ['--doubt', [5, 4]]];

// `axis`: what stands at the left; one line needs no legend.
function options(axis, legend) {
  const scale = (text, more) => ({ title: { display: true, text, color: styleOf('--faint') }, ticks: { color: styleOf('--faint'), ...more },
                                   grid: { color: styleOf('--rule') } });

  return { animation: false, maintainAspectRatio: false, parsing: false, normalized: true,
           elements: { point: { radius: 0, hitRadius: 8 } }, interaction: { mode: 'index', intersect: false },
           plugins: { legend: { display: legend, labels: { color: styleOf('--text'), boxWidth: 24, boxHeight: 1 } } },
           scales: { x: { type: 'linear', ...scale('Since the first request, s', { maxRotation: 0 }), min: 0 },
                     y: { ...scale(axis), beginAtZero: true } } };
}

export async function makeChart(title, caption, axis, lines) {
  const Chart = await load();
  const canvas = element('canvas', { role: 'img', 'aria-label': `${title}. ${caption}` });
  const datasets = lines.map((label, i) => ({ label, data: [], borderWidth: 2, borderDash: sides[i][1] }));
  const chart = new Chart(canvas, { type: 'line', data: { datasets }, options: options(axis, lines.length > 1) });

  const colour = () => {
    chart.options = options(axis, lines.length > 1);
    datasets.forEach((set, i) => { set.borderColor = set.backgroundColor = styleOf(sides[i][0]); });
    chart.update('none');
  };
  new MutationObserver(colour).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  colour();
  return {
    figure: element('figure', {}, element('h3', {}, title), element('div', { class: 'canvas' }, canvas), element('figcaption', {}, caption)),
    show(series) {
      series.forEach((points, i) => { datasets[i].data = points; });
      chart.update('none');
    },
  };
}
