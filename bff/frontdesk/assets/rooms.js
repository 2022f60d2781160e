// The rack: a press is sent without leaving the place, and what others report appears by itself.
import { live, freshness, refresh } from './live.js';
import { announce, toast } from './announce.js';

const rack = document.getElementById('rack'), bar = document.getElementById('rooms-marked');
const texts = rack ? JSON.parse(document.getElementById('rooms-texts').textContent) : {};
// A key is one intent: it is kept until somebody knows what came of it.
let pending = null;

function count() {
  const n = rack.querySelectorAll('input[name="room"]:checked').length;
  bar.textContent = n ? `${n} ✓` : bar.dataset.none;
}

async function send(button) {
  const body = new URLSearchParams(new FormData(rack, button));
  // One room is one room, whatever else is marked.
  if (button.name === 'one') body.delete('room');
  body.delete('key');
  const intent = body.toString();
  if (pending?.intent !== intent) pending = { intent, key: crypto.randomUUID() };
  body.set('key', pending.key);
  let came = { came: 'unknown' };
  try {
    const answer = await fetch(rack.action, { method: 'POST', body, headers: { accept: 'application/json' } });
    came = await answer.json();
  } catch { /* nobody knows; the same key asks again */ }
  if (came.came === 'done' || came.came === 'no') pending = null;
  if (came.came === 'done') {
    announce(came.text);
    for (const box of rack.querySelectorAll('input[name="room"]:checked')) if (button.name !== 'one') box.checked = false;
  } else toast(came.text ?? texts.unknown, { urgent: true });
  await refresh();
  count();
}

if (rack) {
  rack.addEventListener('change', count);
  rack.addEventListener('submit', (e) => {
    e.preventDefault();
    if (rack.dataset.sent || !e.submitter) return;
    const button = e.submitter, row = button.closest('[data-key]')?.dataset.key;
    // The page's own listener marks the form as sent, after this one.
    send(button).finally(() => {
      delete rack.dataset.sent;
      button.removeAttribute('aria-disabled');
      if (row && !document.activeElement?.closest('.room')) rack.querySelector(`[data-key="${CSS.escape(row)}"] button`)?.focus();
    });
  });
  let timer = 0;
  const again = () => { clearTimeout(timer); timer = setTimeout(async () => { await refresh(); count(); }, 150); };
  live(`/desk/live?hotel=${encodeURIComponent(rack.dataset.hotel)}`, { on: (type) => { if (['room', 'bar', 'gone', 'reset', 'notice'].includes(type)) again(); }, onState: freshness(document.getElementById('freshness')) });
}
