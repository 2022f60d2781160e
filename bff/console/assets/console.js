// The console's pages: news every second, put in place without taking focus or what is open; the time window; the reason.
import { bind, rows } from './keys.js';
import { freshness, live, morph, refresh } from './live.js';
import { announce } from './announce.js';

const texts = document.documentElement.lang === 'de'
  ? { pause: 'Anhalten oder weiter', window: 'Zeitraum wechseln', paused: 'Angehalten', on: 'Wieder live' }
  : { pause: 'Pause or go on', window: 'Change the time window', paused: 'Paused', on: 'Live again' };
const show = freshness(document.getElementById('freshness'));
let paused = false, before = '', ticks = 0;

live('/ops/live', {
  onState: (state, since) => show(paused ? 'paused' : state, since),
  on: (type, data) => {
    if (type !== 'state' || paused) return;
    // A timeline asks every service: every other time is enough.
    ticks += 1;
    if (!location.pathname.startsWith('/ops/trace/') || ticks % 2 === 0) refresh({ put: morph });
    // What is worth a voice: services that go or come, sagas that get stuck.
    const said = data.services.filter((s) => s.tone === 'urgent').map((s) => s.service).join(', ');
    if (before !== said && document.querySelector('[data-live="services"]')) announce(said ? '▲ ' + said : '●');
    before = said;
  },
});

const keys = {
  '.': { text: texts.window, run: () => { const all = [...document.querySelectorAll('a[href^="?w="]')]; if (!all.length) return false; all[(all.findIndex((a) => a.ariaCurrent) + 1) % all.length].click(); } },
  p: { text: texts.pause, run: () => { paused = !paused; show(paused ? 'paused' : 'live', new Date()); announce(paused ? texts.paused : texts.on); } },
};
for (const field of document.querySelectorAll('[data-focus]')) keys[field.dataset.focus] = { text: field.dataset.text, run: () => field.focus() };
bind(keys);
rows(document.getElementById('rows')?.querySelector('tbody'));

const copy = document.getElementById('copy');
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener('click', async () => { await navigator.clipboard.writeText(document.getElementById('plain').textContent); copy.textContent = copy.dataset.done; });
}
