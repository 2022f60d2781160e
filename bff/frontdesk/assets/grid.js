// The grid of nights: cells are walked with arrows, limits are typed into them and saved as one. What others change appears in
// cells nobody is editing; in an edited one it stands beside what was typed.
import { live, freshness } from './live.js';
import { announce } from './announce.js';

const $ = (id) => document.getElementById(id);
const grid = $('grid'), texts = JSON.parse($('grid-texts').textContent), may = 'may' in grid.dataset;
const say = (key, a = '', b = '') => texts[key].replace('{a}', a).replace('{b}', b);
const LIMIT_MAX = 100_000;

// Cells by row and column; a cell knows its type, its night, and the limit the ledger knows.
const nights = [...grid.tHead.rows[0].cells].slice(1);
const rows = [...grid.tBodies[0].rows].map((row, r) => [...row.cells].slice(1).map((td, c) => {
  const link = td.querySelector('a');
  return { td, r, c, type: row.dataset.type, night: link?.pathname.split('/').pop() ?? '', limit: Number(td.querySelector('.limit')?.textContent.slice(1) ?? NaN), past: td.classList.contains('past'), edit: null, state: '' };
}));
const cells = rows.flat();
const of = new Map(cells.map((cell) => [cell.td, cell]));
let at = cells.find((cell) => !cell.past) ?? cells[0], anchor = null, input = null;
const isReadonly = (cell) => !may || cell.past || !cell.night;

function draw(cell) {
  const { td } = cell, limit = td.querySelector('.limit');
  td.classList.remove('dirty', 'saving', 'saved', 'refused');
  if (cell.state) td.classList.add(cell.state);
  if (cell.state === 'refused') td.setAttribute('aria-invalid', 'true'); else td.removeAttribute('aria-invalid');
  td.title = cell.why ?? '';
  if (limit) limit.textContent = '/' + (cell.edit ?? cell.limit);
  td.querySelector('.theirs')?.remove();
  if (cell.theirs !== undefined) td.append(Object.assign(document.createElement('small'), { className: 'theirs', textContent: say('theirs', cell.theirs) }));
}
const dirty = () => cells.filter((cell) => cell.edit !== null);
function bar() {
  const n = dirty().filter((cell) => cell.state !== 'saving').length;
  if ($('batch')) { $('batch').hidden = n === 0; $('batch-count').textContent = say('unsaved', n); }
}
function tell(text, isNo) {
  const line = $('grid-said');
  if (line) { line.hidden = !text; line.textContent = text; line.classList.toggle('no', !!isNo); }
  if (text) announce(text);
}

// Walking and choosing.
function chosen() {
  if (!anchor) return [at];
  const [r1, r2] = [anchor.r, at.r].sort((a, b) => a - b), [c1, c2] = [anchor.c, at.c].sort((a, b) => a - b);
  return cells.filter((cell) => cell.r >= r1 && cell.r <= r2 && cell.c >= c1 && cell.c <= c2);
}
function mark() {
  const all = new Set(anchor ? chosen() : []);
  for (const cell of cells) if (all.has(cell)) cell.td.setAttribute('aria-selected', 'true'); else cell.td.removeAttribute('aria-selected');
}
function go(r, c, isRange) {
  const to = rows[Math.max(0, Math.min(rows.length - 1, r))]?.[Math.max(0, Math.min(nights.length - 1, c))];
  if (!to) return;
  if (isRange) anchor ??= at; else anchor = null;
  at.td.tabIndex = -1; at = to; at.td.tabIndex = 0;
  at.td.focus();
  at.td.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  mark();
  if (isRange) announce(say('range', chosen().length));
}

// Typing.
function edit(cell, first) {
  if (isReadonly(cell)) { tell(say(may ? 'readonly-past' : 'readonly-role'), true); return; }
  if (cell.state === 'saving') return;
  input = Object.assign(document.createElement('input'), { value: first ?? cell.edit ?? cell.limit, inputMode: 'numeric', autocomplete: 'off', maxLength: 6 });
  input.setAttribute('aria-label', say('editing', `${grid.tBodies[0].rows[cell.r].querySelector('.name').textContent}, ${nights[cell.c].textContent.trim()}`));
  cell.td.append(input);
  input.focus();
  if (first === undefined) input.select();
}
/// Takes what was typed into the chosen cells; false when it is no limit.
function take() {
  const typed = input?.value.trim() ?? '';
  if (!/^\d{1,6}$/.test(typed) || Number(typed) > LIMIT_MAX) return false;
  shut();
  for (const cell of chosen()) {
    if (isReadonly(cell) || cell.state === 'saving') continue;
    const to = Number(typed);
    Object.assign(cell, to === cell.limit ? { edit: null, state: '', why: undefined, theirs: undefined } : { edit: to, state: 'dirty', why: undefined });
    draw(cell);
  }
  bar();
  return true;
}
function shut() { const old = input; input = null; old?.remove(); }
function restore(all) {
  for (const cell of all) if (cell.state !== 'saving') { Object.assign(cell, { edit: null, state: '', why: undefined, theirs: undefined }); draw(cell); }
  bar();
}

// Saving: all that is dirty, as one command; the same intent under the same key until somebody knows what came of it.
let pending = null;
async function save(isSure = false) {
  const batch = dirty().filter((cell) => cell.state !== 'saving');
  if (!batch.length) return;
  const form = $('limits-form'), body = new URLSearchParams({ hotel: grid.dataset.hotel, back: location.pathname, reason: $('batch-reason').value.trim() || $('batch-reason').defaultValue });
  for (const cell of batch) body.append('set', `${cell.type}.${cell.night}.${cell.edit}`);
  const intent = body.toString();
  if (pending?.intent !== intent) pending = { intent, key: crypto.randomUUID() };
  body.set('key', pending.key);
  if (isSure) body.set('sure', 'yes');
  for (const cell of batch) { cell.state = 'saving'; draw(cell); }
  tell(say('saving'));
  let came = { came: 'unknown' };
  try { came = await (await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } })).json(); } catch { /* the same key asks again */ }
  if (came.came === 'ask') {
    for (const cell of batch) { cell.state = 'dirty'; draw(cell); }
    tell('');
    if (await sure(came)) return save(true);
    at.td.focus();
    bar();
    return;
  }
  if (came.came === 'done' || came.came === 'no') pending = null;
  for (const cell of batch) {
    if (came.came === 'done') Object.assign(cell, { limit: cell.edit, edit: null, state: 'saved', why: undefined, theirs: undefined });
    // What is kept says why it is not saved.
    else Object.assign(cell, { state: came.came === 'no' ? 'refused' : 'dirty', why: came.text });
    draw(cell);
  }
  const n = batch.length;
  if (came.came === 'done') tell(say('saved', n));
  else if (came.came === 'no') tell(say('refused', n, came.text), true);
  else tell(came.came === 'later' ? say('later', came.text) : say('unknown'), true);
  bar();
  look();
}
function sure({ text, below }) {
  const dialog = $('sure');
  $('sure-text').textContent = text;
  $('sure-list').replaceChildren(...below.slice(0, 12).map((one) => {
    const row = cells.find((cell) => cell.type === one.room_type && cell.night === one.night);
    const words = row ? `${grid.tBodies[0].rows[row.r].querySelector('.name').textContent}, ${nights[row.c].textContent.trim()}` : one.night;
    return Object.assign(document.createElement('li'), { textContent: `${words}: ${one.sold} / ${one.limit}` });
  }));
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((then) => dialog.addEventListener('close', () => then(dialog.returnValue === 'yes'), { once: true }));
}

// What is true now.
let looking = null, again = false;
async function look() {
  if (looking) { again = true; return; }
  do {
    again = false;
    try {
      looking = fetch(location.href, { headers: { accept: 'application/json' } });
      const answer = await looking;
      if (answer.ok && !answer.redirected) for (const line of (await answer.json()).lines) for (const now of line.cells) if (now.said) put(line.code, now.night, now.said);
    } catch { /* the stream says when the house is silent */ }
  } while (again);
  looking = null;
}
function put(type, night, said) {
  const cell = cells.find((cell) => cell.type === type && cell.night === night);
  if (!cell) return;
  const { td } = cell, link = td.querySelector('a'), small = td.querySelector('small');
  const isNew = Number(link.textContent) !== said.sold || cell.limit !== said.limit;
  link.textContent = said.sold;
  const how = said.over > 0 ? (said.is_urgent ? 'urgent' : 'over') : '';
  link.className = how;
  td.querySelector(':scope > b')?.remove();
  if (how) small.before(Object.assign(document.createElement('b'), { className: how, textContent: '!', title: say('over', said.over) }));
  small.textContent = say('free', said.free) + (said.held > 0 ? ' · ' + say('held', said.held) : '');
  if (cell.limit !== said.limit) {
    cell.limit = said.limit;
    if (cell.edit === said.limit) Object.assign(cell, { edit: null, state: '', why: undefined, theirs: undefined });
    else if (cell.edit !== null) cell.theirs = said.limit;
  }
  if (isNew && cell.edit === null && cell.state !== 'saved') { td.classList.add('changed'); setTimeout(() => td.classList.remove('changed'), 2_000); }
  draw(cell);
  bar();
}

// The table becomes a grid: one of its cells can be reached with Tab, the arrows do the rest.
if (cells.length) {
  grid.setAttribute('role', 'grid');
  grid.setAttribute('aria-describedby', 'grid-hint');
  if (may) grid.setAttribute('aria-multiselectable', 'true'); else grid.setAttribute('aria-readonly', 'true');
  grid.closest('.grid-scroll').removeAttribute('tabindex');
  for (const cell of cells) {
    cell.td.setAttribute('role', 'gridcell');
    cell.td.tabIndex = cell === at ? 0 : -1;
    if (isReadonly(cell)) cell.td.setAttribute('aria-readonly', 'true');
    const link = cell.td.querySelector('a');
    if (link) link.tabIndex = -1;
  }
  grid.addEventListener('pointerdown', (e) => {
    const cell = of.get(e.target.closest('td'));
    if (!cell || e.target === input || e.target.closest('a')) return;
    e.preventDefault();
    if (input && !take()) { tell(say('not-number'), true); input.focus(); return; }
    go(cell.r, cell.c, e.shiftKey);
    if (e.target.closest('.limit') && !e.shiftKey) edit(cell);
  });
  // Wherever the focus comes from, the cell that has it is the one that is meant.
  grid.addEventListener('focusin', (e) => {
    const cell = of.get(e.target);
    if (!cell || cell === at) return;
    at.td.tabIndex = -1; at = cell; at.td.tabIndex = 0; anchor = null;
    mark();
  });
  grid.addEventListener('dblclick', (e) => { const cell = of.get(e.target.closest('td')); if (cell && !input && !e.target.closest('a')) edit(cell); });
  grid.addEventListener('focusout', (e) => {
    if (e.target === input && !input.dataset.leaving) { input.dataset.leaving = '1'; if (!take()) shut(); }
  });
  grid.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target === input) {
      if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); shut(); restore(chosen()); at.td.focus(); }
      if (e.key === 'Enter') { e.preventDefault(); if (take()) { at.td.focus(); save(); } else { input.setAttribute('aria-invalid', 'true'); tell(say('not-number'), true); } }
      if (e.key === 'Tab' || e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); if (take()) go(at.r + (e.key === 'Tab' ? 0 : e.key === 'ArrowDown' ? 1 : -1), at.c + (e.key === 'Tab' ? (e.shiftKey ? -1 : 1) : 0), false); }
      return;
    }
    const cell = of.get(e.target);
    if (!cell) return;
    const later = document.dir === 'rtl' ? -1 : 1, page = 5;
    const moves = { ArrowRight: [0, later], ArrowLeft: [0, -later], ArrowDown: [1, 0], ArrowUp: [-1, 0], PageDown: [page, 0], PageUp: [-page, 0], Home: [0, -99], End: [0, 99] };
    if (moves[e.key]) go(at.r + moves[e.key][0], at.c + moves[e.key][1], e.shiftKey);
    else if (e.key === 'Enter' || e.key === 'F2') edit(cell);
    else if (e.key === ' ') cell.td.querySelector('a')?.click();
    else if (e.key === 'Escape') { if (anchor) { anchor = null; mark(); } else restore([cell]); }
    else if (/^\d$/.test(e.key)) edit(cell, e.key);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  $('batch')?.addEventListener('submit', (e) => { e.preventDefault(); save().finally(() => { delete e.target.dataset.sent; e.submitter?.removeAttribute('aria-disabled'); }); });
  $('batch-drop')?.addEventListener('click', () => { restore(dirty()); tell(say('discarded')); at.td.focus(); });
  addEventListener('beforeunload', (e) => { if (dirty().length) e.preventDefault(); });
  let timer = 0;
  live(`/desk/live?hotel=${encodeURIComponent(grid.dataset.hotel)}&from=${grid.dataset.from}&to=${grid.dataset.to}`, {
    on: (type) => { if (['night', 'reset', 'notice'].includes(type)) { clearTimeout(timer); timer = setTimeout(look, 100); } }, onState: freshness($('freshness')) });
}
