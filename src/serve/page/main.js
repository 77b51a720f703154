// Which page is shown follows from the address; each is a module of its own.
import { showChat } from './chat.js';
import { element } from './dom.js';
import { showRuns } from './runs.js';
import { showHistory } from './history.js';
import { showHome } from './home.js';
import { showRun } from './run.js';
import { showNew } from './new.js';
import { showCompare } from './compare.js';
import { showWatch } from './watch.js';

const pages = [
  { path: /^\/$/, show: showHome, nav: '/' },
  { path: /^\/runs$/, show: showRuns, nav: '/runs' },
  { path: /^\/compare$/, show: showCompare, nav: '/compare' },
  { path: /^\/history$/, show: showHistory, nav: '/history' },
  { path: /^\/watch$/, show: showWatch, nav: '/watch' },
  { path: /^\/chat$/, show: showChat, nav: '/chat' },
  { path: /^\/run\/([0-9a-f]{16})$/, show: showRun, nav: '/runs' },
  { path: /^\/new$/, show: showNew, nav: '/new' },
];

function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
}

function startTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;

  showTheme(localStorage.getItem('theme') || (dark ? 'dark' : 'light'));
  document.getElementById('theme').addEventListener('click', () => {
    localStorage.setItem('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
    showTheme(localStorage.getItem('theme'));
  });
}

// What went wrong, where the page would be; a tab without a secret needs a link of its own.
function showTrouble(main, error) {
  const sentence = error.status === 401
    ? 'This tab has no session: press Enter in the terminal in which \'coebench serve\' runs, and open the link that it prints here.'
    : error.message;

  main.replaceChildren(element('p', { class: 'note', role: 'alert' }, sentence));
}

async function start() {
  const main = document.getElementById('main');
  const page = pages.find(({ path }) => path.test(location.pathname));

  startTheme();
  document.querySelector(`nav a[href="${page.nav}"]`)?.setAttribute('aria-current', 'page');
  try {
    await page.show(main, location.pathname.match(page.path));
  } catch (error) {
    showTrouble(main, error);
  }
}

start();
