// The three lists: rows walked by keys, one or many checked in or out, and what others do. A row somebody is at never moves:
// it is changed in place, what has left is struck out, and new rows wait behind a button.
import { announce, toast } from './announce.js';
import { bind, rows as walk } from './keys.js';
import { freshness, live, morph, refresh, settle } from './live.js';

const $ = (id) => document.getElementById(id);
const list = $('list'), rows = $('rows'), pill = $('new'), many = $('many'), filter = $('filter');
const texts = JSON.parse($('list-texts').textContent), { kind, hotel, date } = list.dataset;
const t = (key, holes = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => holes[name] ?? '');
const VERB = kind === 'arrivals' ? 'check-in' : 'check-out', LETTER = kind === 'arrivals' ? 'i' : 'o';
const IDLE = 10_000, SOON = 400, ONCE_MORE = 2_000;

const all = () => [...rows.children].filter((row) => row.dataset.key);
const rowOf = (id) => rows.querySelector(`tr[data-key="${CSS.escape(id)}"]`);
const formOf = (row) => (row?.isConnected && !row.classList.contains('gone') ? row.querySelector('td.v form') : null);
const nameOf = (row) => row.querySelector('th').innerText.trim();
const markOf = (row) => row.querySelector('td.m input');
const marked = () => all().filter((row) => markOf(row)?.checked && formOf(row) && !row.hidden);
const el = (name, cls, text) => Object.assign(document.createElement(name), { className: cls ?? '', textContent: text ?? '' });

// What a row says, without what is new on every page: keys of forms, and whose button is the page's.
const said = (row) => row.outerHTML.replace(/name="key" value="[^"]*"/g, '').replace(/ (main|changed)\b/g, '').replace(/ (tabindex|hidden|data-sent|style)="[^"]*"/g, '');
const known = new Map(all().map((row) => [row.dataset.key, said(row)]));

// Others' changes.
let latest = null, idle = 0;
const isBusy = () => rows.contains(document.activeElement) || rows.matches(':hover') || marked().length > 0 || !!rows.querySelector('.confirm');

function change(row, fresh) {
  const now = said(fresh), id = fresh.dataset.key, is = known.get(id) !== now;
  const form = row.querySelector('form');
  if (form?.dataset.sent) return;
  if (!is && !row.classList.contains('gone')) {
    const [mine, theirs] = [row, fresh].map((r) => r.querySelector('input[name="key"]'));
    if (mine && theirs) mine.value = theirs.value;
    row.querySelector('button.button')?.classList.toggle('main', !!fresh.querySelector('button.main'));
    return;
  }
  if (row.contains(document.activeElement) && document.activeElement.matches('select')) return;
  known.set(id, now);
  morph(row, fresh);
  row.classList.add('changed');
}

/// Rows in their places, new ones in, those that left out.
function whole(fresh) {
  const there = new Set(), parked = rows.querySelector('.confirm');
  parked?.remove();
  let place = rows.firstElementChild;
  for (const row of [...fresh.children]) {
    const id = row.dataset.key, mine = rowOf(id);
    there.add(id);
    if (!mine) { const one = document.importNode(row, true); known.set(id, said(row)); one.classList.add('changed'); rows.insertBefore(one, place); continue; }
    if (mine === place) place = place.nextElementSibling; else rows.insertBefore(mine, place);
    change(mine, row);
  }
  for (const row of all()) if (!there.has(row.dataset.key)) { known.delete(row.dataset.key); row.remove(); }
  latest = null;
  pill.hidden = true;
  sift(); count();
}

/// Rows where they are; what would move waits.
function inPlace(fresh) {
  const there = new Map([...fresh.children].map((row) => [row.dataset.key, row]));
  for (const row of all()) {
    const theirs = there.get(row.dataset.key);
    if (theirs) { change(row, theirs); continue; }
    if (row.classList.contains('gone')) continue;
    row.classList.add('gone');
    known.delete(row.dataset.key);
    const mark = markOf(row); if (mark) mark.checked = false;
    for (const what of row.querySelectorAll('td.v form')) what.inert = true;
  }
  const fresh_ones = [...there.keys()].filter((id) => !rowOf(id)).length;
  latest = fresh;
  pill.hidden = !fresh_ones;
  pill.textContent = fresh_ones === 1 ? t('new-one') : t('new-many', { n: fresh_ones });
  sift(); count();
}

function put(mine, theirs) {
  if (mine !== rows) { if (mine.innerHTML !== theirs.innerHTML) settle(mine, theirs); return; }
  if (isBusy()) inPlace(theirs); else whole(theirs);
}
pill.addEventListener('click', () => {
  if (!latest) return;
  const before = new Set(all().map((row) => row.dataset.key));
  whole(latest);
  (all().find((row) => !before.has(row.dataset.key)) ?? all()[0])?.focus();
});
// Nobody has been at the list for a while: what waits may come.
const rest = () => { clearTimeout(idle); idle = setTimeout(() => { if (latest && !isBusy()) whole(latest); }, IDLE); };
list.addEventListener('focusout', rest);
list.addEventListener('pointerleave', rest);

let due = 0;
const look = () => refresh({ put });
const soon = (within = SOON) => { due ||= setTimeout(() => { due = 0; look(); }, within); };
const concerns = (bar) => rowOf(bar.id) || (kind === 'arrivals' ? bar.from === date : bar.st !== 'confirmed' && (kind === 'in-house' || bar.to <= date));
const show = freshness($('freshness'));
let wasLive = true;
live('/desk/live?hotel=' + encodeURIComponent(hotel), {
  onState: (state, since) => { show(state, since); if (state === 'live' && !wasLive) soon(); wasLive = state === 'live'; },
  on: (type, data) => {
    if (type === 'notice' && data.code === 'date-rolled') { location.reload(); return; }
    if (type === 'bar' ? concerns(data) : type === 'gone' ? rowOf(data.id) : ['reset', 'notice'].includes(type) || type === 'room' && kind !== 'departures') soon();
  },
});

// One command.
function told(row, cls, text) {
  const cell = row.querySelector('td.v');
  cell.querySelector('.came')?.remove();
  if (text) cell.append(el('span', 'came ' + cls, text));
}
/// Sends a row's form, once at a time, and shows on the row what came of it. A key is kept until it is known what came.
async function send(row, { room } = {}) {
  const form = formOf(row);
  if (!form || form.dataset.sent === 'now') return { came: 'none' };
  form.dataset.sent = 'now';
  const button = form.querySelector('button'), word = button.textContent, fields = new URLSearchParams(new FormData(form)), who = nameOf(row);
  if (room === '') fields.delete('room'); else if (room) fields.set('room', room);
  button.setAttribute('aria-disabled', 'true'); button.textContent = t('sending');
  let said = { came: 'unknown' };
  try {
    const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' }, body: fields });
    if (answer.redirected) { location.reload(); return said; }
    said = await answer.json();
  } catch { /* nobody knows: the key stays, and the same request can be sent again */ }
  delete form.dataset.sent;
  button.removeAttribute('aria-disabled'); button.textContent = word;
  if (said.came === 'done') {
    form.inert = true; row.classList.add('done');
    const mark = markOf(row); if (mark) mark.checked = false;
    told(row, 'ok', '✓ ' + (said.reply?.room ?? ''));
    if (VERB === 'check-in') taken(said.reply?.room);
    // The stream says when the list knows; if it does not, the list is asked once.
    setTimeout(look, ONCE_MORE);
  } else {
    told(row, 'error', said.came === 'unknown' ? t('unknown-yet') : said.text ?? said.code ?? '');
    // A refused key is used up: the next page brings another.
    if (said.came !== 'unknown') look();
  }
  return { ...said, text: said.came === 'unknown' ? t('unknown-who', { who }) : `${who}: ${said.text ?? said.code ?? ''}` };
}
/// A room that was just given is offered to nobody else.
function taken(room) {
  for (const option of rows.querySelectorAll('td.v option')) if (option.value === room && option.parentElement.length > 1 && option.parentElement !== document.activeElement) option.remove();
}
async function one(row, how) {
  const came = await send(row, how);
  if (came.came !== 'none') toast(came.text, { urgent: came.came !== 'done' });
}

rows.addEventListener('submit', (e) => {
  e.preventDefault(); e.stopPropagation();
  const row = e.target.closest('tr');
  const focus = row.contains(document.activeElement);
  if (e.submitter?.getAttribute('aria-disabled') !== 'true') one(row);
  if (focus) { row.tabIndex = 0; row.focus(); }
});

// The line that confirms: the proposed room, the others under their digits, Enter.
let asking = null;
function ask(row) {
  const form = formOf(row);
  asking?.close(null);
  if (!form || form.querySelector('[aria-disabled="true"]')) return false;
  const select = form.querySelector('select'), rooms = select ? [...select.options].map((o) => o.value) : [];
  const line = el('tr', 'confirm'), cell = el('td'), group = el('div', 'row tight');
  cell.colSpan = row.cells.length;
  group.role = 'group';
  const nights = row.querySelector('td.d .hint').innerText, room = row.querySelector('td.r .strong')?.innerText ?? '';
  group.ariaLabel = t('ask-' + VERB, { who: nameOf(row), n: nights, room });
  group.append(el('span', 'strong', group.ariaLabel));
  let at = Math.max(0, select?.selectedIndex ?? 0);
  const picks = rooms.map((name, n) => {
    const pick = el('button', 'button small');
    pick.type = 'button';
    pick.append(el('span', 'key', String(n + 1)), name);
    pick.addEventListener('click', () => choose(n));
    return pick;
  });
  const go = el('button', 'button main small'), leave = el('button', 'button plain small', t('leave'));
  go.type = leave.type = 'button';
  const choose = (n) => {
    if (n >= rooms.length) return;
    at = n; select.selectedIndex = n;
    picks.forEach((pick, m) => { pick.ariaPressed = String(m === n); });
    go.textContent = `${t(VERB)} ${rooms[n]}`;
  };
  go.textContent = t(VERB);
  group.append(...picks, go, leave, el('span', 'hint', rooms.length ? t('confirm-hint') : ''));
  cell.append(group); line.append(cell); row.after(line);
  if (rooms.length) choose(at);
  row.classList.add('asked');
  const main = rows.querySelectorAll('td.v .main');
  main.forEach((b) => b.classList.remove('main'));
  const close = (to = row) => {
    line.remove(); row.classList.remove('asked'); asking = null;
    main.forEach((b) => b.classList.add('main'));
    if (to) { to.tabIndex = 0; to.focus(); }
  };
  const act = () => { close(); one(row, { room: rooms[at] }); };
  go.addEventListener('click', act);
  leave.addEventListener('click', () => close());
  line.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); close(); }
    else if (/^[1-5]$/.test(e.key)) { e.preventDefault(); e.stopPropagation(); choose(Number(e.key) - 1); go.focus(); }
    else if (e.key.length === 1 && e.key !== ' ' && e.key !== '?' || e.key.startsWith('Arrow')) e.stopPropagation();
  });
  asking = { close };
  go.focus();
  return true;
}

// Many at once: one command a stay, what came of each on its row.
function count() {
  const some = marked(), n = some.length;
  many.hidden = !n;
  $('many-n').textContent = t('marked', { n });
  $('many-do').textContent = t('many-' + VERB, { n });
  for (const row of all()) if (markOf(row)?.checked) row.setAttribute('aria-selected', 'true'); else row.removeAttribute('aria-selected');
}
rows.addEventListener('change', (e) => { if (e.target.closest('td.m')) count(); });
$('many-no').addEventListener('click', () => { for (const row of marked()) markOf(row).checked = false; count(); });
$('many-do').addEventListener('click', async () => {
  const some = marked(), button = $('many-do');
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  let done = 0;
  for (const row of some) {
    // Rows of one type propose the same rooms: the house chooses, except where a room was given.
    const came = await send(row, { room: row.querySelector('select')?.dataset.given === undefined ? '' : undefined });
    if (came.came === 'done') done += 1;
    count();
  }
  button.removeAttribute('aria-disabled');
  toast(t('many-came', { done, n: some.length }), { urgent: done < some.length });
});

// Keys.
walk(rows);
const next = (row) => { const rest = all(); return rest.slice(Math.max(0, rest.indexOf(row))).find((r) => formOf(r) && !r.hidden && !r.classList.contains('done')); };
const here = () => rows.contains(document.activeElement) ? document.activeElement.closest('tr[data-key]') : null;
bind({
  [LETTER]: { text: t('key-' + VERB), run: () => { const row = here(); return ask(row && formOf(row) && !row.classList.contains('done') ? row : next(row)); } },
  Space: { text: t('key-mark'), run: () => {} },
  f: { text: t('key-filter'), run: () => filter.focus() },
});
rows.addEventListener('keydown', (e) => {
  const mark = e.key === ' ' && e.target.matches('tr[data-key]') ? markOf(e.target) : null;
  if (!mark) return;
  e.preventDefault();
  mark.checked = !mark.checked;
  count();
  announce($('many-n').textContent);
});

// What is typed filters the rows that are there.
const words = (row) => [...row.querySelectorAll('th, td.n, td.t, td.r')].map((cell) => cell.textContent).join(' ').toLowerCase();
function sift() {
  const wanted = filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of all()) { const text = wanted.length ? words(row) : ''; row.hidden = !wanted.every((word) => text.includes(word)); }
}
filter.addEventListener('input', () => { sift(); count(); announce(t('shown', { n: all().filter((row) => !row.hidden).length })); });
filter.addEventListener('keydown', (e) => {
  if (e.key === 'Escape') { filter.value = ''; sift(); }
  if (e.key === 'Enter' || e.key === 'ArrowDown') { e.preventDefault(); const first = all().find((row) => !row.hidden); if (first) { first.tabIndex = 0; first.focus(); } }
});
$('filter-box').hidden = false;
$('table').classList.add('marks');

// On paper: by room where that is how it is looked for.
const print = $('print');
print.hidden = false;
print.addEventListener('click', () => window.print());
let order = null;
addEventListener('beforeprint', () => {
  if (kind !== 'in-house') return;
  order = all();
  const room = (row) => row.querySelector('td.r .strong')?.textContent ?? '';
  rows.append(...all().sort((a, b) => room(a).localeCompare(room(b), 'en', { numeric: true })));
});
addEventListener('afterprint', () => { if (order) rows.append(...order.filter((row) => row.isConnected)); order = null; });
