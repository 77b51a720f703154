/* --- Charts ----------------------------------------------------------------------------------- */

/* Told apart by people who see colours otherwise (Okabe and Ito, 2008), and by shape. */
const palette = ['#1f86c9', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d1f', '#7a5ccf'];
const shapes = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'cross', 'crossRot', 'dash'];

const modelNames = [...new Set(data.steps.map((step) => step.model))];

function modelColour(model) {
  return palette[modelNames.indexOf(model) % palette.length];
}

function modelShape(model) {
  return shapes[Math.floor(modelNames.indexOf(model) / palette.length) % shapes.length];
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

/* The median of each box, as a line across it. */
const medians = {
  id: 'medians',
  afterDatasetsDraw(chart) {
    const context = chart.ctx;
    chart.data.datasets.forEach((set, i) => {
      if (!set.medians || !chart.isDatasetVisible(i)) return;
      chart.getDatasetMeta(i).data.forEach((bar, k) => {
        const value = set.medians[k];
        if (value === null || value === undefined) return;
        const y = chart.scales.y.getPixelForValue(value);
        context.save();
        context.strokeStyle = styleOf('--text');
        context.lineWidth = 2;
        context.beginPath();
        context.moveTo(bar.x - bar.width / 2, y);
        context.lineTo(bar.x + bar.width / 2, y);
        context.stroke();
        context.restore();
      });
    });
  },
};

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

function colourAll() {
  Chart.defaults.color = styleOf('--faint');
  Chart.defaults.borderColor = styleOf('--rule');
}

function axis(title, more) {
  return {title: {display: Boolean(title), text: title}, ...more};
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

/* Boxes from p5 to p95 with their medians, by the client and by the server. `groups`: [{label, client,
 * server}], each [p5, p50, p95] or null. */
function boxChart(groups, unit, across = '') {
  const sets = [client, server].filter((side) => groups.some((group) => group[side.name])).map((side) => ({
    label: side.name,
    data: groups.map((group) => (group[side.name] ? [group[side.name][0], group[side.name][2]] : null)),
    medians: groups.map((group) => (group[side.name] ? group[side.name][1] : null)),
    backgroundColor: `${side.colour}66`,
    borderColor: side.colour,
    borderWidth: 1.5,
    borderSkipped: false,
    minBarLength: 2,
    maxBarThickness: 46,
  }));
  return {
    type: 'bar',
    data: {labels: groups.map((group) => group.label), datasets: sets},
    plugins: [medians],
    options: {
      scales: {y: axis(unit, {beginAtZero: true}), x: axis(across, {grid: {display: false}})},
      plugins: {
        legend: {position: 'bottom', labels: {boxWidth: 14}},
        tooltip: {callbacks: {label: (item) => {
          const [low, , high] = groups[item.dataIndex][item.dataset.label];
          return `${item.dataset.label}: median ${digits(item.dataset.medians[item.dataIndex])} (p5 ${digits(low)}, p95 ${digits(high)}) ${unit}`;
        }}},
      },
    },
  };
}

/* Plain columns side by side. `groups`: [{label, client, server}] of numbers. */
function columnChart(groups, unit, across = '') {
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
      scales: {y: axis(unit, {beginAtZero: true}), x: axis(across, {grid: {display: false}})},
      plugins: {legend: {position: 'bottom', labels: {boxWidth: 14}},
        tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${digits(item.raw)} ${unit}`}}},
    },
  };
}
