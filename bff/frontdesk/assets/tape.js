// The tape chart on the page: rows come and go as one scrolls, changes arrive by the stream, all writes in one frame.
import { live, freshness } from './live.js';
import { announce } from './announce.js';
import { bind } from './keys.js';
import { read, heads, put, drop, told, look, tiles, layout, kindOf, isPlanned, isLocked, dayOf, textOf } from './tape-model.js';
import { hands } from './tape-hands.js';

const $ = (id) => document.getElementById(id);
const start = JSON.parse($('tape-start').textContent), texts = JSON.parse($('tape-texts').textContent);
const box = $('box'), chart = $('chart'), rowsBox = $('rows');
const lang = document.documentElement.lang, rtl = document.documentElement.dir === 'rtl';
const AROUND = 8, PER_FRAME = 200, FLASH = 2_000;

const t = (key, with_ = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => with_[name] ?? '');
const wording = (how) => new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { timeZone: 'UTC', ...how });
const dayWords = wording({ weekday: 'short', day: 'numeric', month: 'short' }), spanWords = wording({ day: 'numeric', month: 'short' });
// Dates in words are slow to make, and there are few of them.
const memo = (make, kept = new Map()) => (...days) => { const key = days.join(); if (!kept.has(key)) kept.set(key, make(...days.map((n) => n * 86_400_000))); return kept.get(key); };
const day = memo((n) => dayWords.format(n)), range = memo((a, d) => spanWords.formatRange(a, d));
const count = (what, n) => t(what + (n === 1 ? '-one' : '-many'), { n }), nights = (n) => count('night', n);
const span = (bar) => `${range(bar.a, bar.d)}, ${nights(bar.d - bar.a)}`;
const who = (bar) => bar.name || bar.conf || '—';

const c = { m: null, rows: [], y: [], total: 0, planned: true, open: new Set(), filter: '', sel: null, focus: null, mode: null, pending: new Map(), mine: new Map(), flash: new Map(),
  height: 28, head: 44, col: 36, label: 120, top: 0, box, chart, rowsBox, rtl };
const drawn = new Map(), pool = [];
let queue = [], frame = 0, act = null, stream = null, mustLayout = false;

/// What a screen reader says of a bar, and what the strip shows.
function words(bar) {
  const [, state] = look(c.m, bar), more = [];
  if (bar.row && isPlanned(bar)) more.push(t('no-room'));
  if (isLocked(bar)) more.push(t('locked'));
  if (bar.sold !== bar.type) more.push(t('upgrade', { type: kindOf(c.m, bar.sold)?.name ?? bar.sold }));
  return [t('bar', { who: who(bar), state: t(state), room: bar.row ?? t('no-room'), span: span(bar) }), ...more].join(', ');
}

const el = (name, cls, text) => { const e = document.createElement(name); if (cls) e.className = cls; if (text !== undefined) e.textContent = text; return e; };
const icon = (name) => { const NS = 'http://www.w3.org/2000/svg', s = document.createElementNS(NS, 'svg'), u = document.createElementNS(NS, 'use'); s.setAttribute('class', 'icon'); s.setAttribute('aria-hidden', 'true'); u.setAttribute('href', `${start.icons}#${name}`); s.append(u); return s; };
Object.assign(c, { el, icon });

function cell(role, cls, col, spans) {
  const e = el('div', cls);
  e.setAttribute('role', role); e.setAttribute('aria-colindex', col + 2);
  if (spans > 1) e.setAttribute('aria-colspan', spans);
  e.tabIndex = -1; e._col = col; e._span = spans;
  return e;
}

function barCell({ bar, col, span: spans }) {
  const first = Math.max(bar.a - c.m.from, -1), last = Math.min(bar.d - c.m.from, c.m.nights + 1);
  const cls = ['bar', look(c.m, bar)[0], first < 0 ? 'sb' : 's' + first, 'w' + Math.max(last - first, 0)];
  if (isPlanned(bar)) cls.push('planned');
  if (bar.id === c.sel) cls.push('chosen');
  if (c.pending.has(bar.id)) cls.push('pending');
  if (c.flash.has(bar.id)) cls.push('changed');
  if (c.filter && !matches(bar)) cls.push('faint');
  const e = cell('gridcell', cls.join(' '), col, spans);
  e.dataset.id = bar.id; e.setAttribute('aria-label', words(bar));
  if (bar.id === c.sel) e.setAttribute('aria-selected', 'true');
  e.append(el('bdi', '', who(bar)));
  if (bar.sold !== bar.type) e.append(icon('up'));
  if (isLocked(bar)) e.append(icon('lock'));
  return e;
}

function total(kind, n) {
  const night = kind.nights?.[n], e = cell('gridcell', 'total s' + n, n, 1), when = day(c.m.from + n);
  if (!night) { e.append(el('b', '', '—')); e.setAttribute('aria-label', t('totals-unknown', { day: when })); return e; }
  const [sold, held, limit] = night, free = Math.max(limit - sold - held, 0), above = sold - kind.rooms;
  if (above > 0) e.classList.add('above');
  e.append(el('b', '', above > 0 ? sold + '!' : sold), el('span', '', `${free}/${limit}`));
  const said = [t('totals-cell', { day: when, sold, free, limit })];
  if (held) { said.push(t('held', { n: held })); e.classList.add('held'); e.title = said[1]; }
  if (above > 0) said.push(t('totals-above', { n: above }));
  e.setAttribute('aria-label', said.join(', '));
  return e;
}

function fill(line, row, at) {
  const m = c.m, kind = kindOf(m, row.type), label = el('div', 'label');
  line.className = 'line ' + row.kind;
  line.setAttribute('role', 'row'); line.setAttribute('aria-rowindex', at + 2);
  label.setAttribute('role', 'rowheader'); label.setAttribute('aria-colindex', 1);
  line.replaceChildren(label);
  line._key = row.key;
  if (row.kind === 'head') {
    label.append(el('span', 'clip', kind.name), el('span', 'hint', count('rooms', kind.rooms)));
    for (let n = 0; n < m.nights; n += 1) line.append(total(kind, n));
    return;
  }
  if (row.kind === 'more') {
    const button = el('button', 'button plain small', row.more ? t('over-more', { n: row.more }) : '▴');
    button.type = 'button'; button.dataset.open = row.type;
    label.append(button);
    line.append(cell('gridcell', 'gap s0 w' + m.nights, 0, m.nights));
    return;
  }
  if (row.kind === 'room') {
    const hk = el('span', 'hk', row.room.clean ? '□' : '■');
    hk.title = t(row.room.clean ? 'clean' : 'dirty'); hk.setAttribute('role', 'img'); hk.setAttribute('aria-label', hk.title);
    label.append(el('span', 'clip', row.room.name), hk);
  } else label.append(el('span', 'clip', t('over')));
  for (const tile of tiles(m, row.bars)) {
    if (tile.bar) { line.append(barCell(tile)); continue; }
    const gap = cell('gridcell', `gap s${tile.col} w${tile.span}`, tile.col, tile.span);
    gap.setAttribute('aria-label', t('free-cell', { span: span({ a: m.from + tile.col, d: m.from + tile.col + tile.span }) }));
    line.append(gap);
  }
}

const matches = (bar) => `${bar.name} ${bar.conf}`.toLowerCase().includes(c.filter);

function lay() {
  mustLayout = false;
  c.rows = layout(c.m, { planned: c.planned, open: c.open, takes: c.filter ? matches : null });
  c.y = []; c.total = 0;
  for (const row of c.rows) { c.y.push(c.total); c.total += row.kind === 'head' ? c.head : c.height; }
  c.index = new Map(c.rows.map((row, n) => [row.key, n]));
  rowsBox.style.blockSize = c.total + 'px';
  chart.setAttribute('aria-rowcount', c.rows.length + 1);
}

/// The row at a height of the whole chart.
c.rowAt = (y) => { let a = 0, b = c.rows.length - 1; while (a < b) { const k = (a + b + 1) >> 1; if (c.y[k] <= y) a = k; else b = k - 1; } return a; };

// One frame: take what came, read the scroll, write rows.
function render() {
  frame = 0;
  if (!c.m) return;
  for (const one of queue.splice(0, PER_FRAME)) take(one);
  if (queue.length) schedule();
  const top = box.scrollTop, seen = box.clientHeight;
  const keepFocus = chart.contains(document.activeElement) && document.activeElement.closest('.line') ? c.focus : null;
  if (mustLayout) lay();
  const want = new Set(), first = Math.max(0, c.rowAt(top) - AROUND), last = Math.min(c.rows.length - 1, c.rowAt(top + seen) + AROUND);
  for (let n = first; n <= last; n += 1) want.add(c.rows[n].key);
  if (c.focus && c.index.has(c.focus.key)) want.add(c.focus.key);
  for (const [key, line] of drawn) if (!want.has(key)) { drawn.delete(key); line.remove(); pool.push(line); }
  let refocus = false;
  for (const key of want) {
    const n = c.index.get(key), row = c.rows[n];
    let line = drawn.get(key);
    if (!line) { line = pool.pop() ?? el('div'); drawn.set(key, line); rowsBox.append(line); line._key = ''; }
    if (line._key !== key || isDirty(row)) { refocus ||= keepFocus?.key === key; fill(line, row, n); }
    if (line._y !== c.y[n]) { line._y = c.y[n]; line.setAttribute('aria-rowindex', n + 2); line.style.transform = `translateY(${c.y[n]}px)`; }
    line.classList.toggle('no', !!act?.cannot(row));
  }
  c.m.dirty.clear(); pool.length = Math.min(pool.length, 40);
  if (c.focus) mark(refocus);
  act?.drawn();
}
const isDirty = (row) => c.m.dirty.has(row.key) || c.m.dirty.has('*') || row.kind !== 'room' && c.m.dirty.has(row.type);
const schedule = () => { frame ||= requestAnimationFrame(render); };
c.redraw = (...keys) => { for (const key of keys.length ? keys : ['*']) c.m.dirty.add(key); mustLayout = true; schedule(); };
c.now = () => { cancelAnimationFrame(frame); render(); };

// The one cell that the tab key reaches.
function mark(focus) {
  const line = drawn.get(c.focus.key);
  rowsBox.querySelector('[tabindex="0"]')?.setAttribute('tabindex', -1);
  if (!line) return;
  const cells = [...line.children].slice(1);
  const one = cells.find((e) => c.focus.id && e.dataset.id === c.focus.id) ?? cells.find((e) => e._col <= c.focus.col && c.focus.col < e._col + e._span) ?? cells.at(-1);
  if (!one) return;
  one.tabIndex = 0;
  if (focus) one.focus({ preventScroll: true });
  return one;
}

/// Puts the focus on a row's cell, and the row into view.
c.go = (n, col, id = null, focus = true) => {
  n = Math.max(0, Math.min(c.rows.length - 1, n));
  const row = c.rows[n], y = c.y[n], high = row.kind === 'head' ? c.head : c.height;
  c.focus = { key: row.key, col, id };
  if (y < box.scrollTop) box.scrollTop = y;
  else if (y + high > box.scrollTop + box.clientHeight - c.top) box.scrollTop = y + high - box.clientHeight + c.top;
  c.now();
  const one = mark(focus);
  if (one) { c.focus.id = one.dataset.id ?? null; choose(one.dataset.id ?? c.sel); }
  const x = c.label + col * c.col;
  if (box.scrollWidth > box.clientWidth && !rtl) { if (x - c.label < box.scrollLeft) box.scrollLeft = x - c.label; else if (x + c.col > box.scrollLeft + box.clientWidth) box.scrollLeft = x + c.col - box.clientWidth; }
};

function choose(id) {
  if (id === c.sel) return;
  const [was, is] = [c.m.bars.get(c.sel), c.m.bars.get(id)];
  c.sel = is ? id : null;
  for (const bar of [was, is]) if (bar) for (const e of rowsBox.querySelectorAll(`[data-id="${CSS.escape(bar.id)}"]`)) { e.classList.toggle('chosen', bar.id === c.sel); if (bar.id === c.sel) e.setAttribute('aria-selected', 'true'); else e.removeAttribute('aria-selected'); }
  act.strip();
}
c.choose = choose;
c.find = (id) => { const bar = c.m.bars.get(id); if (!bar) return -1; return c.rows.findIndex((row) => row.bars.includes(bar)); };

function measure() {
  const style = getComputedStyle(chart), rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const size = (name) => parseFloat(style.getPropertyValue(name)) * rem;
  c.height = size('--row'); c.head = size('--head');
  const first = $('days').children[1].getBoundingClientRect();
  c.col = first.width; c.label = $('days').firstElementChild.getBoundingClientRect().width; c.top = $('days').getBoundingClientRect().height;
  mustLayout = true; schedule();
}

// What came by the stream.
let changed = 0, counting = 0;
function take({ type, data }) {
  const m = c.m;
  if (type === 'night') { const kind = kindOf(m, data.type), n = dayOf(data.date) - m.from; if (kind?.nights?.[n]) { kind.nights[n] = [data.sold, data.held, data.limit]; m.dirty.add(kind.code); } return; }
  if (type === 'room') { const room = m.rooms.get(data.room); if (room) { room.clean = data.hk === 'clean'; room.occ = data.occ; m.dirty.add(room.name); } return; }
  const old = m.bars.get(data.id);
  if (!(type === 'bar' ? put(m, told(data)) : drop(m, data.id, data.v))) return;
  mustLayout = true;
  const bar = m.bars.get(data.id), isMine = c.mine.has(data.id);
  c.pending.get(data.id)?.seen?.();
  if (bar && !isMine && (old?.v ?? -1) < bar.v) {
    c.flash.set(bar.id, setTimeout(() => { c.flash.delete(bar.id); if (bar.row) c.redraw(bar.row); }, FLASH));
    changed += 1;
    counting ||= setTimeout(() => { counting = 0; if (chart.contains(document.activeElement)) announce(t('many-changes', { n: changed })); changed = 0; }, 2_000);
  }
  act.changed(data.id, old, bar, isMine);
}

const query = (more = '') => `${start.root}/tape.json?hotel=${encodeURIComponent(start.hotel)}&from=${start.from}&nights=${start.nights}&types=${encodeURIComponent(start.types)}${more}`;
const place = () => `tape.${c.m.epoch}.${c.m.seq}`;
const fetched = async (more) => { const answer = await fetch(query(more), { headers: { accept: 'application/json' } }); if (!answer.ok) throw new Error(answer.status); return answer.json(); };

let loading = null;
async function load() {
  loading ??= (async () => {
    const m = read(await fetched());
    m.dirty.add('*'); c.m = m; queue = []; mustLayout = true;
    if (stream) stream.last = place();
    // The server's first rows go in the frame in which their own take their places.
    if (!chart.dataset.ready) { rowsBox.replaceChildren(); box.removeAttribute('tabindex'); chart.dataset.ready = '1'; }
    if (c.sel && !m.bars.has(c.sel)) choose(null);
    if (!m.isAllNamed) setTimeout(load, 3_000);
  })().finally(() => { loading = null; });
  await loading;
  c.now(); act.strip();
}
c.load = load;
async function freshen() { try { heads(c.m, await fetched('&only=heads')); c.redraw(); } catch { /* the next look will do */ } }

let waiting = 0;
const again = (most) => { waiting ||= setTimeout(() => { waiting = 0; load().catch(() => again(5_000)); }, Math.random() * most); };

function hear(type, data) {
  if (type === 'hello') { heard = true; if (data.epoch !== c.m.epoch) again(500); else freshen(); return; }
  if (type === 'reset') return again(data.why === 'flood' ? 6_000 : 500);
  if (type === 'notice') { announce(t(data.code, { day: data.date ? day(dayOf(data.date)) : '' })); if (data.code === 'date-rolled') again(2_000); return; }
  if (['bar', 'gone', 'night', 'room'].includes(type)) { queue.push({ type, data }); if (queue.length > 5_000) { queue = []; again(2_000); } schedule(); }
}
let heard = false;

function listen() {
  const to = textOf(c.m.from + c.m.nights);
  stream = live(`${start.root}/live?hotel=${encodeURIComponent(start.hotel)}&from=${start.from}&to=${to}`, { after: place(), on: hear, onState: freshness($('freshness')) });
  // Another tab leads: what came between the snapshot and now was not heard here.
  setTimeout(() => { if (!heard) again(500); }, 1_500);
}

// Scrolling, keys and the pointer: one listener each.
box.addEventListener('scroll', schedule, { passive: true });
new ResizeObserver(measure).observe(box);
rowsBox.addEventListener('click', (e) => {
  const more = e.target.closest('[data-open]');
  if (more) { const type = more.dataset.open; if (!c.open.delete(type)) c.open.add(type); c.redraw(); return; }
  const one = e.target.closest('[role="gridcell"]');
  if (one && !act.clicked(one)) c.go(c.index.get(one.parentElement._key), one._col, one.dataset.id ?? null);
});
rowsBox.addEventListener('focusin', (e) => { const one = e.target.closest('[role="gridcell"]'); if (!one) return; c.focus = { key: one.parentElement._key, col: one._col, id: one.dataset.id ?? null }; if (one.dataset.id) choose(one.dataset.id); });
chart.addEventListener('keydown', (e) => {
  if (e.defaultPrevented || !c.m || act.key(e)) return;
  const line = document.activeElement.closest('.line'), one = document.activeElement;
  if (!line || e.altKey || e.metaKey) return;
  const n = c.index.get(line._key), by = Math.max(1, Math.floor((box.clientHeight - c.top) / c.height) - 1), col = c.focus.col;
  const side = (step) => { const next = step > 0 ? one.nextElementSibling : one.previousElementSibling; if (next?._span) c.go(n, next._col, next.dataset.id ?? null); };
  const moves = { ArrowUp: () => c.go(n - 1, col), ArrowDown: () => c.go(n + 1, col), ArrowLeft: () => side(rtl ? 1 : -1), ArrowRight: () => side(rtl ? -1 : 1),
    PageUp: () => c.go(n - by, col), PageDown: () => c.go(n + by, col), Home: () => c.go(e.ctrlKey ? 0 : n, 0), End: () => c.go(e.ctrlKey ? c.rows.length - 1 : n, c.m.nights - 1), Enter: () => act.verb('Enter') };
  const move = moves[e.key];
  if (!move || e.ctrlKey && !['Home', 'End'].includes(e.key)) return;
  e.preventDefault(); move();
});

const follow = (link) => { if (link) location.href = link.href + (c.sel ? '#' + c.sel : ''); };
const filter = $('filter');
filter.addEventListener('input', () => { c.filter = filter.value.trim().toLowerCase(); if (c.m) { box.scrollTop = 0; c.redraw(); } });
filter.addEventListener('keydown', (e) => { if (e.key === 'Escape') { filter.value = ''; filter.dispatchEvent(new Event('input')); } else if (e.key !== 'Enter' && e.key !== 'ArrowDown') return; e.preventDefault(); const n = c.rows.findIndex((row) => row.bars.some(matches)); if (n >= 0) c.go(n, 0, c.rows[n].bars.find(matches)?.id); });
bind({
  t: { text: t('key-today'), run: () => follow($('to-today')) }, '[': { text: t('key-week'), run: () => follow($('week-before')) }, ']': { run: () => follow($('week-after')) },
  f: { text: t('key-filter'), run: () => filter.focus() },
  u: { text: t('key-planned'), run: () => { c.planned = !c.planned; announce(t(c.planned ? 'shows-planned' : 'hides-planned')); c.redraw(); } },
});
[...$('zoom').children].forEach((link, n) => bind({ [n + 1]: { text: n ? '' : t('key-zoom'), run: () => follow(link) } }));

act = hands(c, start, { t, day, nights, span, who, words });
measure();
load().then(() => {
  listen();
  const at = c.find(location.hash.slice(1));
  if (at >= 0) c.go(at, 0, location.hash.slice(1), false);
  else { c.focus = { key: c.rows[0]?.key, col: 0, id: null }; mark(false); }
}).catch(() => { again(4_000); });
