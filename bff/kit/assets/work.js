// What every page of desk and console does: keys to go places, the palette, the list of keys, forms that are sent once.
import { bind, bound } from './keys.js';

const $ = (id) => document.getElementById(id);
for (const link of document.querySelectorAll('[data-go]')) bind({ [link.dataset.go]: { text: link.textContent.trim(), run: () => { location.href = link.href; } } });
for (const button of document.querySelectorAll('[data-do]')) bind({ [button.dataset.do]: { text: button.dataset.text ?? button.textContent.trim(), run: () => button.click() } });
for (const select of document.querySelectorAll('[data-submit]')) select.addEventListener('change', () => select.form.requestSubmit());

const letters = $('letter-keys');
if (letters) { letters.checked = localStorage.getItem('letters') !== 'off'; letters.addEventListener('change', () => localStorage.setItem('letters', letters.checked ? 'on' : 'off')); }

// A second press is harmless, and looks like it.
addEventListener('submit', (e) => {
  const button = e.submitter;
  if (e.target.method === 'dialog' || !button) return;
  if (e.target.dataset.sent) { e.preventDefault(); return; }
  e.target.dataset.sent = '1';
  button.setAttribute('aria-disabled', 'true');
  if (button.dataset.busy) button.textContent = button.dataset.busy;
});
addEventListener('pageshow', () => { for (const form of document.querySelectorAll('form[data-sent]')) { delete form.dataset.sent; form.querySelector('[aria-disabled]')?.removeAttribute('aria-disabled'); } });

const palette = $('palette'), input = $('palette-input'), list = $('palette-list');
let found = [], chosen = 0, asked = 0;
function options(text) {
  const q = text.trim().toLowerCase();
  return bound().filter((b) => b.text && b.key !== 'Ctrl K' && (!q || b.text.toLowerCase().includes(q))).slice(0, 12).map((b) => ({ text: b.text, key: b.key, run: b.run }));
}
function draw() {
  list.replaceChildren(...found.map((f, n) => {
    const row = document.createElement('div');
    row.role = 'option'; row.id = 'option-' + n; row.ariaSelected = String(n === chosen);
    row.append(Object.assign(document.createElement('span'), { textContent: f.text }));
    if (f.key) row.append(Object.assign(document.createElement('kbd'), { textContent: f.key }));
    row.addEventListener('click', () => act(n));
    return row;
  }));
  if (found.length) input.setAttribute('aria-activedescendant', 'option-' + chosen); else input.removeAttribute('aria-activedescendant');
}
async function look() {
  const text = input.value, mine = ++asked;
  found = options(text); chosen = 0; draw();
  const where = document.body.dataset.find;
  if (!where || text.trim().length < 2) return;
  try {
    // What is typed may be a name: it travels in the body, never in an address.
    const answer = await fetch(where, { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams({ q: text.trim() }) });
    if (!answer.ok || mine !== asked) return;
    const { items } = await answer.json();
    found = [...items.map((i) => ({ text: i.text, key: '', run: () => { location.href = i.href; } })), ...found].slice(0, 14);
    draw();
  } catch { /* the actions are there without it */ }
}
function act(n) { const f = found[n]; if (f) { palette.close(); f.run(new Event('palette')); } }
if (palette) {
  const open = () => { input.value = ''; palette.showModal(); look(); };
  bind({ 'Ctrl K': { run: open }, '/': { run: open } });
  const button = $('open-palette');
  button.hidden = false; button.addEventListener('click', open);
  input.addEventListener('input', look);
  input.addEventListener('keydown', (e) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); chosen = (chosen + (e.key === 'ArrowDown' ? 1 : -1) + found.length) % Math.max(1, found.length); draw(); }
    if (e.key === 'Enter') { e.preventDefault(); act(chosen); }
  });
  palette.addEventListener('click', (e) => { if (e.target === palette) palette.close(); });
}
const keys = $('keys');
if (keys) bind({ '?': { text: $('keys-title').textContent, run: () => {
  $('keys-list').replaceChildren(...bound().filter((b) => b.text).flatMap((b) => [
    Object.assign(document.createElement('dt'), { textContent: b.key }), Object.assign(document.createElement('dd'), { textContent: b.text })]));
  keys.showModal();
} } });
