// The night audit: tiles and lists stay as the house is, a running audit is watched step by step, and the date rolls for
// everybody who looks.
import { live, freshness, refresh, morph } from './live.js';
import { announce } from './announce.js';

const LOOK_MS = 400, GATHER_MS = 300;
const part = () => document.getElementById('audit');
const begun = new Map(), took = new Map();
let timer = 0, wasRunning = false;

// How long a step took is measured by whoever watches it.
function times() {
  for (const step of document.querySelectorAll('#steps li')) {
    const name = step.dataset.key, now = performance.now();
    if (step.classList.contains('running') && !begun.has(name)) begun.set(name, now);
    if (step.classList.contains('done') && begun.has(name) && !took.has(name)) { took.set(name, now - begun.get(name)); announce(step.querySelector('.text').textContent); }
    const ms = took.get(name) ?? (begun.has(name) ? now - begun.get(name) : null);
    if (ms !== null) step.querySelector('.time').textContent = (ms / 1000).toFixed(1) + ' s';
  }
}

// What is chosen is counted on the button.
function count(form) {
  const button = form.querySelector('button'), n = form.querySelectorAll('[name=stay]:checked').length;
  if (form.dataset.sent) return;
  const words = n === 0 ? button.dataset.none : (n === 1 ? button.dataset.one : button.dataset.many.replace('999', n));
  if (button.textContent !== words) button.textContent = words;
  if (n === 0) button.setAttribute('aria-disabled', 'true'); else button.removeAttribute('aria-disabled');
}
const counts = () => document.querySelectorAll('.audit-left').forEach(count);
addEventListener('change', (e) => { const form = e.target.closest?.('.audit-left'); if (form) count(form); });
addEventListener('submit', (e) => { if (e.submitter?.getAttribute('aria-disabled') && !e.target.dataset.sent) e.preventDefault(); }, true);

async function look() {
  clearTimeout(timer);
  await refresh({ put: morph });
  after();
}
function after() {
  const running = part()?.hasAttribute('data-running');
  times(); counts();
  if (wasRunning && !running) announce(part().hasAttribute('data-closed') ? part().dataset.saidDone : part().innerText.slice(0, 200));
  wasRunning = running;
  document.title = document.title.replace(/^.*? · /, document.querySelector('h1').textContent + ' · ');
  if (running) timer = setTimeout(look, LOOK_MS);
}
function soon() { if (!part()?.hasAttribute('data-running')) { clearTimeout(timer); timer = setTimeout(look, GATHER_MS); } }

if (part()) {
  after();
  live('/desk/live?hotel=' + encodeURIComponent(part().dataset.hotel), {
    onState: freshness(document.getElementById('freshness')),
    on: (type, data) => {
      if (type === 'notice' && data.code === 'date-rolled') announce(part().dataset.saidRolled);
      if (['tile', 'bar', 'gone', 'room', 'night', 'notice', 'reset'].includes(type)) soon();
    },
  });
}
