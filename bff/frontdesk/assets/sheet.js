// The sheet: what others change arrives by itself and says who it was; verbs that cannot be undone ask once; Esc goes back.
import { freshness, live, morph, refresh } from './live.js';
import { announce } from './announce.js';
import { bind } from './keys.js';

const $ = (id) => document.getElementById(id);
const sheet = $('sheet'), { id, hotel, me } = sheet.dataset;

// Back to the page it was opened from, also after verbs that have led back here.
const back = $('back'), came = 'sheet:' + id;
try {
  const from = document.referrer && new URL(document.referrer);
  if (from && from.origin === location.origin && from.pathname.startsWith('/desk') && !from.pathname.startsWith('/desk/r/') && from.pathname !== '/desk/login') sessionStorage.setItem(came, from.pathname + from.search);
  const known = sessionStorage.getItem(came);
  if (known) back.href = known;
} catch { /* the list it belongs to does as well */ }
bind({ Escape: { text: back.textContent.trim().replace(/\s*Esc$/, ''), run: () => {
  const open = document.querySelector('.act[open]');
  if (open) { open.open = false; open.querySelector('summary').focus(); } else location.href = back.href;
} } });
// In a field, Esc leaves the field's form first.
sheet.addEventListener('keydown', (e) => {
  const open = e.key === 'Escape' && e.target.closest('.act[open]');
  if (open) { e.preventDefault(); open.open = false; open.querySelector('summary').focus(); }
});

// What is opened is typed into at once.
sheet.addEventListener('toggle', (e) => {
  if (e.target.matches('.act') && e.target.open) e.target.querySelector('select, input:not([type="hidden"])')?.focus();
}, true);

// Verbs that cannot be undone ask once, with what they lead to.
const ask = $('ask');
sheet.addEventListener('click', (e) => {
  const summary = e.target.closest('summary[data-dialog]');
  if (!summary) return;
  e.preventDefault();
  const form = summary.parentElement.querySelector('form').cloneNode(true);
  const foot = Object.assign(document.createElement('div'), { className: 'foot' });
  const keep = Object.assign(document.createElement('button'), { type: 'button', className: 'button', textContent: sheet.dataset.keep });
  keep.addEventListener('click', () => ask.close());
  foot.append(keep, form.querySelector('button'));
  form.append(foot);
  $('ask-h').textContent = summary.querySelector('.grow').textContent;
  $('ask-body').replaceChildren(form);
  ask.showModal();
  keep.focus();
});

const first = () => document.querySelector('.events li:not(.step)')?.dataset ?? {};
let known = first().key;
const lines = () => [...document.querySelectorAll('.events li')];
async function renew() {
  const before = new Set(lines().map((line) => line.dataset.key));
  // What somebody has opened stays open.
  await refresh({ put: morph });
  for (const line of lines()) line.classList.toggle('changed', !before.has(line.dataset.key));
  const now = first();
  if (!now.key || now.key === known) return;
  known = now.key;
  if (now.who === me) return;
  const bar = $('changed'), text = now.who ? sheet.dataset.changedBy.replace('%who%', now.who) : sheet.dataset.changed;
  const words = Object.assign(document.createElement('span'), { textContent: `${text} ${now.words}.` });
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'button small', textContent: sheet.dataset.close });
  close.addEventListener('click', () => { bar.hidden = true; });
  bar.replaceChildren(words, close);
  bar.hidden = false;
  announce(words.textContent);
}
let later = 0;
// The log of another service is a little behind the bar: once more when it has settled.
const soon = () => { clearTimeout(later); renew(); later = setTimeout(renew, 1_500); };

live(`/desk/live?hotel=${encodeURIComponent(hotel)}`, {
  after: sheet.dataset.after,
  onState: freshness($('freshness')),
  on: (type, data) => {
    if ((type === 'bar' || type === 'gone') && data.id === id) soon();
    if (type === 'reset') renew();
  },
});
