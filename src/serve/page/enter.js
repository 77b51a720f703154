// The way in: the token behind the '#' of the link, which is sent to no server by itself, becomes a
// session. The secret stays in this tab.
const said = document.getElementById('said');
const token = location.hash.slice(1);

history.replaceState(null, '', '/enter');

async function enter() {
  const response = await fetch('/api/v1/session', { method: 'POST', body: token });

  if (!response.ok) {
    said.textContent = 'This link was used before, or is an old one. Press Enter in the terminal in which ' +
      "'coebench serve' runs, and open the link that it prints.";
    return;
  }
  sessionStorage.setItem('secret', (await response.json()).secret);
  location.replace('/');
}

enter().catch(() => { said.textContent = "The workbench does not respond: does 'coebench serve' still run?"; });
