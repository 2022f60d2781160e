// A booking under way: each step as it is made; the page opens again when it is decided.
import { live } from './live.js';
import { announce } from './announce.js';

const list = document.getElementById('steps'), pace = document.getElementById('pace');
const MARKS = { done: '✓', running: '◐', undone: '↺', waiting: '○' };

function show({ steps, text }) {
  for (const { name, state, text: words } of steps) {
    let row = list.querySelector(`[data-step="${CSS.escape(name)}"]`);
    if (!row) {
      row = list.lastElementChild.cloneNode(true);
      row.dataset.step = name; row.className = '';
      list.append(row);
    }
    if (row.className === state) continue;
    row.className = state;
    row.querySelector('.mark').textContent = MARKS[state] ?? '○';
    row.querySelector('.text').textContent = words;
    if (state === 'done' || state === 'undone') announce(words);
  }
  if (pace.textContent !== text) { pace.textContent = text; announce(text); }
}

if (list) {
  live(list.dataset.liveAt, { on: (type, data) => {
    if (type === 'step') show(data);
    if (type === 'done') location.replace(data.href);
  } });
}
