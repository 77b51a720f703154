/* --- Charts ----------------------------------------------------------------------------------- */

/* Twenty-four hues around the circle (Oklch), neighbours in three tones, so that they differ for people who see
 * colours otherwise too; and by shape. */
const palette = ['#af2938', '#e05d3d', '#fe904d', '#8d5406', '#b5820c', '#d0af07', '#67680b', '#769c03',
  '#71ca5d', '#0b7643', '#0ba480', '#1dcbbc', '#007176', '#139cb6', '#0cc1fd', '#0268a5',
  '#4a89f2', '#9babfd', '#654abb', '#a56cde', '#e08af3', '#9a3289', '#d4599b', '#fe85a4'];
const shapes = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'crossRot'];

const modelNames = [...new Set(data.steps.map((step) => step.model))];

/* FNV-1a: a model keeps its colour and shape from report to report, whichever others are in it. */
function hashOf(name) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 0;
}

function modelColour(model) {
  return palette[hashOf(model) % palette.length];
}

function modelShape(model) {
  return shapes[(hashOf(model) >>> 8) % shapes.length];
}

function isDark() {
  return document.documentElement.dataset.theme === 'dark';
}

function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/* Each in a tone that stands out from the ground it is on. */
const client = {name: 'client', get colour() { return isDark() ? '#4ba3e3' : '#0072b2'; }};
const server = {name: 'server', get colour() { return isDark() ? '#f28c40' : '#d55e00'; }};

/* Over each bar of a box chart the median, as a line across it, and the points where they are few. Inside the
 * frame, as all that is drawn. */
const medians = {
  id: 'medians',
  afterDatasetsDraw(chart) {
    const context = chart.ctx, area = chart.chartArea;
    context.save();
    context.beginPath();
    context.rect(area.left, area.top - 1, area.width, area.height + 2);
    context.clip();
    chart.data.datasets.forEach((set, i) => {
      if (!set.medians || !chart.isDatasetVisible(i)) return;
      chart.getDatasetMeta(i).data.forEach((bar, k) => {
        for (const value of set.points[k] || []) drawPoint(context, bar.x, chart.scales.y.getPixelForValue(value), set.borderColor);
        if (isKnown(set.medians[k])) drawMedian(context, bar, chart.scales.y.getPixelForValue(set.medians[k]));
      });
    });
    context.restore();
  },
};

function drawPoint(context, x, y, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fill();
}

function drawMedian(context, bar, y) {
  context.strokeStyle = styleOf('--text');
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(bar.x - bar.width / 2, y);
  context.lineTo(bar.x + bar.width / 2, y);
  context.stroke();
}

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

function colourAll() {
  Chart.defaults.color = styleOf('--faint');
  Chart.defaults.borderColor = styleOf('--rule');
}

/* An axis of `values` in `unit`, which its title names; seconds are shown in ms where all are below 1 s. */
function axis(title, unit, values = [], more = {}) {
  const known = values.filter(isKnown);
  const scale = unit === 's' ? timeUnit(known.reduce((most, value) => Math.max(most, Math.abs(value)), 0)) : {factor: 1, name: unit};
  return {grace: '5%', ...more, title: {display: true, text: scale.name ? `${title}, ${scale.name}` : title},
    ticks: {...more.ticks, callback: (value) => (value === 0 ? '0' : String(Number((value * scale.factor).toPrecision(6))))}};
}

/* An axis of names. */
function nameAxis(title) {
  return {title: {display: Boolean(title), text: title}, grid: {display: false}};
}

/* What is to be drawn when it comes into view, and what is drawn, to be coloured anew. */
const drawings = new Map();

const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) drawOne(entry.target);
  }
}, {rootMargin: '300px'});

function drawOne(canvas) {
  const drawing = drawings.get(canvas);
  if (!drawing || drawing.chart) return;
  inView.unobserve(canvas);
  drawing.chart = new Chart(canvas, drawing.make());
}

function drawAll() {
  for (const canvas of drawings.keys()) drawOne(canvas);
}

function forget(place) {
  for (const canvas of place.querySelectorAll('canvas')) {
    const drawing = drawings.get(canvas);
    if (drawing && drawing.chart) drawing.chart.destroy();
    inView.unobserve(canvas);
    drawings.delete(canvas);
  }
}

function redraw(canvas) {
  const drawing = drawings.get(canvas);
  if (!drawing || !drawing.chart) return;
  drawing.chart.destroy();
  drawing.chart = new Chart(canvas, drawing.make());
}

/* A figure whose chart `make()` configures; `caption` says in words what it shows. */
function figure(title, caption, make, options = {}) {
  const canvas = el('canvas', {role: 'img', 'aria-label': `${title}. ${caption}`});
  const box = el('div', {class: 'canvas'}, canvas);
  if (options.height) box.style.height = `${options.height}px`;
  drawings.set(canvas, {make, chart: null});
  inView.observe(canvas);
  return el('figure', {class: options.wide ? 'wide' : null}, el('h3', {}, title), options.controls, box,
    el('figcaption', {}, caption));
}

/* Of fewer values p5 and p95 say little: then the points are shown. */
const fewValues = 20;

/* Whether there is more to show than one dash. */
function isWorthDrawing(groups) {
  const sides = groups.filter((group) => group.client || group.server);
  return sides.length > 1 || sides.some((group) => [group.client, group.server].some((range) => range && range[2] > range[0]));
}

function boxSide(groups, side) {
  const few = (group) => group.requests < fewValues && group.points && group.points[side.name].length > 0;
  const span = (group) => {
    if (!group[side.name]) return null;
    if (!few(group)) return [group[side.name][0], group[side.name][2]];
    return [Math.min(...group.points[side.name]), Math.max(...group.points[side.name])];
  };
  return {
    label: side.name,
    data: groups.map(span),
    medians: groups.map((group) => (group[side.name] ? group[side.name][1] : null)),
    points: groups.map((group) => (group[side.name] && few(group) ? group.points[side.name] : null)),
    backgroundColor: groups.map((group) => (few(group) ? 'transparent' : `${side.colour}66`)),
    borderColor: side.colour,
    borderWidth: groups.map((group) => (few(group) ? 0 : 1.5)),
    borderSkipped: false,
    minBarLength: 2,
    maxBarThickness: 46,
  };
}

/* Boxes from p5 to p95 with their medians, by the client and by the server; points instead of a box where they
 * are few. `groups`: [{label, requests, client, server, points}], each side [p5, p50, p95] or null. */
function boxChart(groups, title, unit, across = '') {
  const sets = [client, server].filter((side) => groups.some((group) => group[side.name])).map((side) => boxSide(groups, side));
  return {
    type: 'bar',
    data: {labels: groups.map((group) => group.label), datasets: sets},
    plugins: [medians],
    options: {
      scales: {y: axis(title, unit, sets.flatMap((set) => set.data.flat()), {beginAtZero: true}), x: nameAxis(across)},
      plugins: {
        legend: {position: 'bottom', labels: {boxWidth: 14, generateLabels: sideLabels}},
        tooltip: {callbacks: {label: (item) => {
          const [low, median, high] = groups[item.dataIndex][item.dataset.label];
          const few = item.dataset.points[item.dataIndex];
          return few ? `${item.dataset.label}: median ${quantity(median, unit)} of ${few.map((value) => valueOf(value, unit)).join(', ')}`
            : `${item.dataset.label}: median ${quantity(median, unit)} (p5 ${valueOf(low, unit)}, p95 ${valueOf(high, unit)})`;
        }}},
      },
    },
  };
}

/* Each side in its colour, whether its first group is a box or points. */
function sideLabels(chart) {
  return chart.data.datasets.map((set, i) => ({text: set.label, fillStyle: set.borderColor, strokeStyle: set.borderColor,
    fontColor: Chart.defaults.color, datasetIndex: i, hidden: !chart.isDatasetVisible(i)}));
}

/* Plain columns side by side. `groups`: [{label, client, server}] of numbers. */
function columnChart(groups, title, unit, across = '') {
  const sets = [client, server].filter((side) => groups.some((group) => group[side.name] !== null)).map((side) => ({
    label: side.name,
    data: groups.map((group) => group[side.name]),
    backgroundColor: `${side.colour}aa`,
    borderColor: side.colour,
    borderWidth: 1,
    maxBarThickness: 46,
  }));
  return {
    type: 'bar',
    data: {labels: groups.map((group) => group.label), datasets: sets},
    options: {
      scales: {y: axis(title, unit, sets.flatMap((set) => set.data), {beginAtZero: true}), x: nameAxis(across)},
      plugins: {legend: {position: 'bottom', labels: {boxWidth: 14}},
        tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${quantity(item.raw, unit)}`}}},
    },
  };
}
