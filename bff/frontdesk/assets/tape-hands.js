// What is done on the chart: the strip with its verbs, moving by keys and by pointer, and what came of it.
import { toast, announce } from './announce.js';
import { bind } from './keys.js';
import { clash, freeRooms, kindOf, isPlanned, isAssigned, isLocked, textOf } from './tape-model.js';

const EDGE = 10, PRESS = 350, START = 4, OFFERED = 6, OWN_FOR = 5_000;
const TRIES = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

export function hands(c, start, { t, day, nights, span, who, words }) {
  const strip = document.getElementById('strip'), card = document.getElementById('card'), { el, icon, box, rowsBox } = c;
  const bar = () => c.m?.bars.get(c.sel);
  const ghost = el('div', 'ghost');
  ghost.hidden = true; ghost.setAttribute('aria-hidden', 'true'); rowsBox.append(ghost);

  // Commands. The key is made before anything is sent; while nothing is known the same key asks again.
  const token = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('');
  const later = (ms) => new Promise((go) => setTimeout(go, ms));
  async function ask(verb, wish) {
    try {
      const answer = await fetch(`${start.root}/tape/${verb}`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(wish) });
      return answer.ok ? await answer.json() : answer.status < 500 ? { came: 'no', text: String(answer.status) } : { came: 'unknown' };
    } catch { return { came: 'unknown' }; }
  }
  async function send(verb, b, extra, said, undo) {
    if (c.pending.has(b.id)) return;
    const wish = { hotel: start.hotel, id: b.id, key: token(), ...extra };
    c.pending.set(b.id, {}); clearTimeout(c.mine.get(b.id)); c.mine.set(b.id, 0);
    leave(); dirty(b); strips();
    let came = await ask(verb, wish);
    for (let n = 0; came.came === 'unknown' || came.came === 'later' && n < 2; n += 1) {
      if (n === 1) toast(t('unknown', { who: who(b) }));
      await later(TRIES[Math.min(n, TRIES.length - 1)] * (.5 + Math.random()));
      came = await ask(verb, wish);
    }
    c.mine.set(b.id, setTimeout(() => c.mine.delete(b.id), OWN_FOR));
    const now = () => c.m.bars.get(b.id);
    if (came.came === 'done') {
      // The stripes stay until the change itself is here; that is usually sooner than the answer.
      if (now() === b) await Promise.race([new Promise((go) => { const p = c.pending.get(b.id); if (p) p.seen = go; }), later(2_000)]);
      if (now() === b) await c.load().catch(() => {});
      c.pending.delete(b.id);
      toast(said(came.detail ?? {}), undo && now() ? { undo: () => undo(now()), undoWord: t('undo') } : {});
    } else {
      c.pending.delete(b.id);
      refused(b, (came.half ? t('half', { type: kindOf(c.m, extra.upgrade)?.name ?? '' }) + ' ' : '') + (came.text ?? came.code ?? ''), extra.room);
    }
    if (now()) dirty(now());
    strips();
  }
  const dirty = (b) => c.redraw(b.row ?? b.type);

  // A card: what stands against it, and the ways on.
  function ask_(text, ways) {
    const back = document.activeElement;
    const close = () => { card.hidden = true; if (card.contains(document.activeElement) || document.activeElement === document.body) { if (back?.isConnected) back.focus({ preventScroll: true }); else refocus(); } };
    const row = el('div', 'row tight');
    for (const [word, run, main] of ways) {
      const button = el('button', 'button small' + (main ? ' main' : ''), word);
      button.type = 'button'; button.addEventListener('click', () => { close(); run?.(); });
      row.append(button);
    }
    const words_ = el('p', '', text);
    words_.id = 'card-text';
    card.replaceChildren(words_, row);
    card.onkeydown = (e) => { if (e.key === 'Escape') { e.preventDefault(); close(); } };
    card.hidden = false; row.firstElementChild?.focus();
  }
  const refocus = () => { const n = c.find(c.sel); if (n >= 0) c.go(n, c.focus?.col ?? 0, c.sel); };
  function refused(b, text, room) {
    const other = room && clash(c.m, b, room);
    ask_(other ? `${text} ${reason(room, other)}` : text, [[t('card-free'), () => offer(c.m.bars.get(b.id) ?? b)], [t('card-keep')]]);
  }
  function offer(b) {
    const free = freeRooms(c.m, b);
    if (!free.length) return ask_(t('no-free-rooms'), [[t('card-keep')]]);
    ask_(`${who(b)}: ${t('free-rooms', { n: free.length })}`, [...free.slice(0, OFFERED).map((room) => [room.name + (room.clean ? '' : ' ■'), () => toRoom(b, room.name)]), [t('card-keep')]]);
  }

  function reason(room, no) {
    const other = no.other;
    return { taken: () => t('taken', { room, who: who(other), span: span(other) }), occupied: () => t('occupied', { room, who: who(other) }), lower: () => t('lower', { room, type: no.kind.name }) }[no.why]?.() ?? '';
  }

  // To a room: given before arrival, moved in house; a higher type is asked for first.
  function toRoom(b, room, undoing = false) {
    if (isLocked(b) && b.row !== room) return ask_(t('is-locked', { who: who(b) }), [[t('card-keep')]]);
    if (b.row === room && !isPlanned(b)) return say(t('same', { room }));
    const no = clash(c.m, b, room);
    if (no) return refused(b, '', room);
    const kind = kindOf(c.m, c.m.rooms.get(room).type), own = kindOf(c.m, b.type), former = isPlanned(b) ? null : b.row;
    const back = (now) => (former ? toRoom(now, former, true) : send('unassign', now, {}, () => t('done-unassign', { who: who(now), room })));
    const isOther = kind.code !== b.type;
    const go = () => (b.st === 1
      ? send('move', b, { room }, () => t('done-move', { who: who(b), room }), undoing ? null : back)
      : send('assign', b, isOther ? { room, upgrade: kind.code } : { room }, () => t('done-assign', { who: who(b), room }), undoing || isOther ? null : back));
    if (!isOther) return go();
    const more = new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency: c.m.currency || 'EUR' });
    const digits = more.resolvedOptions().maximumFractionDigits;
    ask_(t('upgrade-ask', { room, type: kind.name, amount: more.format(Math.max(kind.price - (own?.price ?? 0), 0) / 10 ** digits) }), [[t('upgrade-yes'), go, true], [t('upgrade-no')]]);
  }

  // To other dates: before arrival both may change, in house only the departure.
  function badDates(b, a, d) {
    if (d <= a) return t('too-short');
    if (b.st === 1 ? d < c.m.bd : a < c.m.bd) return t('not-before', { day: day(c.m.bd) });
    const no = b.row && !isPlanned(b) ? clash(c.m, b, b.row, a, d) : null;
    return no && no.why === 'taken' ? reason(b.row, no) : '';
  }
  function toDates(b, a, d, undoing = false) {
    if (a === b.a && d === b.d) return leave();
    const bad = badDates(b, a, d);
    if (bad) return refused(b, bad);
    const back = undoing ? null : (now) => toDates(now, b.a, b.d, true);
    return b.st === 1 ? send('extend', b, { to: textOf(d) }, () => t('done-extend', { who: who(b), day: day(d) }), back)
      : send('amend', b, { from: textOf(a), to: textOf(d) }, () => t('done-amend', { who: who(b), span: span({ a, d }) }), back);
  }

  const can = {
    a: (b) => b.st === 0 && !isLocked(b) && (!b.row || isPlanned(b)), m: (b) => b.st < 2 && !isLocked(b), e: (b) => b.st < 2, i: (b) => b.st === 0 && b.a === c.m.bd,
    o: (b) => b.st === 1, l: (b) => b.st < 2 && !!b.row && !isPlanned(b), Enter: () => true,
  };
  const verbs = {
    a: (b) => (b.row && !clash(c.m, b, b.row) ? toRoom(b, b.row) : offer(b)),
    m: (b) => enter('move', b), e: (b) => enter('extend', b),
    i: (b) => { const room = c.m.rooms.get(b.row); send('check-in', b, isPlanned(b) && room?.clean && !room.occ ? { room: room.name } : {}, (d) => t('done-in', { who: who(b), room: d.room ?? b.row ?? '' })); },
    o: (b) => send('check-out', b, {}, () => t('done-out', { who: who(b) })),
    l: (b) => { const lock = (now, locked, undo) => send('lock', now, { locked }, () => t(locked ? 'done-lock' : 'done-unlock', { room: now.row }), undo); lock(b, !isLocked(b), (now) => lock(now, isLocked(b))); },
    Enter: () => { location.href = `${start.root}/r/${c.sel}`; },
  };
  function verb(name) { const b = bar(); if (!b || !card.hidden || c.pending.has(b.id) && name !== 'Enter' || !can[name](b)) return false; leave(); verbs[name](b); return true; }
  bind(Object.fromEntries(['a', 'm', 'e', 'i', 'o', 'l'].map((name) => [name, { text: t('verb-' + name), run: () => verb(name) }])));
  bind({ s: { text: t('card-free'), run: () => { const b = bar(); if (!b || b.st > 1) return false; offer(b); } } });

  // The strip: the chosen bar, or what a mode is about to do.
  const hint = strip.innerHTML;
  function strips() {
    const b = bar(), mode = c.mode;
    if (!b) { strip.innerHTML = hint; return; }
    const facts = el('span', 'grow facts-line');
    const name = el('b', '', who(b));
    name.dir = 'auto';
    facts.append(name);
    for (const text of [b.conf !== who(b) && b.conf, mode ? mode.text : words(b).split(', ').slice(1).join(', ')]) if (text) facts.append(el('span', '', text));
    const buttons = el('span', 'row tight');
    const button = (word, key, run) => {
      const one = el('button', 'button small', word);
      one.type = 'button';
      if (key) { const k = el('span', 'key', key); k.setAttribute('aria-hidden', 'true'); one.append(' ', k); }
      one.addEventListener('click', run); buttons.append(one);
      return one;
    };
    if (mode) {
      facts.append(el('span', 'hint', t('send-hint')));
      if (mode.kind === 'move') for (const room of freeRooms(c.m, b).slice(0, OFFERED)) button(room.name, '', () => toRoom(b, room.name));
      button('✓', '⏎', drop).classList.add('main'); button('✕', 'Esc', leave);
    } else {
      if (c.pending.has(b.id)) strip.dataset.pending = '1'; else delete strip.dataset.pending;
      for (const key of ['a', 'm', 'e', 'i', 'o', 'l']) if (can[key](b)) button(t(key === 'l' && isLocked(b) ? 'verb-unlock' : 'verb-' + key), key, () => verb(key));
      if (b.st === 0 && isAssigned(b) && !isLocked(b)) button(t('verb-unassign'), '', () => { const room = b.row; send('unassign', b, {}, () => t('done-unassign', { who: who(b), room }), (now) => toRoom(now, room, true)); });
      const open = el('a', 'button small', t('verb-open') + ' ');
      const k = el('span', 'key', '⏎');
      k.setAttribute('aria-hidden', 'true'); open.append(k); open.href = `${start.root}/r/${b.id}`;
      buttons.append(open);
    }
    strip.replaceChildren(facts, buttons);
  }

  // A mode holds a bar over a place: by keys or by the pointer. The ghost shows where, the text says whether.
  function enter(kind, b, by = 'keys') {
    c.mode = { kind, id: b.id, by, a: b.a, d: b.d, room: b.row, v: b.v, text: '' };
    c.redraw(); if (by === 'keys') announce(t(kind === 'move' ? 'moving' : 'extending', { who: who(b) }));
    place();
  }
  function leave() { if (!c.mode) return; c.mode = null; ghost.hidden = true; c.redraw(); strips(); }
  function place() {
    const mode = c.mode, b = c.m.bars.get(mode.id);
    if (!b) return leave();
    if (mode.kind === 'move') {
      const no = mode.room && mode.room !== b.row ? clash(c.m, b, mode.room) : null;
      mode.bad = !!no;
      mode.text = !mode.room ? t('no-room') : no ? reason(mode.room, no) : mode.room === b.row && !isPlanned(b) ? t('same', { room: mode.room }) : t('at', { room: mode.room, span: nights(b.d - b.a) });
    } else {
      const bad = badDates(b, mode.a, mode.d), stays = nights(Math.max(mode.d - mode.a, 0));
      mode.bad = !!bad;
      mode.text = bad || (mode.a !== b.a ? t('arrives', { day: day(mode.a), span: stays }) : t('leaves', { day: day(mode.d), span: stays }));
    }
    drawn(); strips();
  }
  function drawn() {
    const mode = c.mode, n = mode ? (mode.room && c.index.has(mode.room) ? c.index.get(mode.room) : c.find(mode.id)) : -1;
    ghost.hidden = n < 0;
    if (n < 0) return;
    if (ghost.parentElement !== rowsBox) rowsBox.append(ghost);
    const first = Math.max(mode.a - c.m.from, -1), last = Math.min(mode.d - c.m.from, c.m.nights + 1);
    ghost.className = `ghost s${first < 0 ? 0 : first} w${Math.max(last - Math.max(first, 0), 0)}${mode.bad ? ' bad' : ''}`;
    ghost.textContent = who(c.m.bars.get(mode.id));
    ghost.style.transform = `translateY(${c.y[n]}px)`;
  }
  function step(by) {
    let n = c.index.get(c.mode.room) ?? c.find(c.mode.id);
    do n += by; while (c.rows[n] && c.rows[n].kind !== 'room');
    if (!c.rows[n]) return;
    c.mode.room = c.rows[n].room.name;
    const y = c.y[n];
    if (y < box.scrollTop) box.scrollTop = y; else if (y + c.height > box.scrollTop + box.clientHeight - c.top) box.scrollTop = y + c.height - box.clientHeight + c.top;
    place(); announce(c.mode.text);
  }
  function drop() {
    const mode = c.mode, b = c.m.bars.get(mode?.id);
    if (!b) return leave();
    if (mode.kind === 'extend') return toDates(b, mode.a, mode.d);
    if (mode.room === b.row && !isPlanned(b)) return leave();
    leave(); toRoom(b, mode.room);
  }
  const say = (text) => { announce(text); strips(); };

  function key(e) {
    const mode = c.mode;
    if (!mode || !card.hidden) return false;
    const side = (e.key === 'ArrowRight') !== c.rtl ? 1 : -1;
    if (e.key === 'Escape') leave();
    else if (e.key === 'Enter') drop();
    else if (mode.kind === 'move' && (e.key === 'ArrowUp' || e.key === 'ArrowDown')) step(e.key === 'ArrowUp' ? -1 : 1);
    else if (mode.kind === 'extend' && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
      const b = bar();
      if (e.shiftKey) { if (b?.st === 0) mode.a += side; } else mode.d += side;
      place(); announce(mode.text);
    } else if (!['Tab', 'Shift'].includes(e.key)) { e.preventDefault(); return true; } else return false;
    e.preventDefault();
    return true;
  }

  // The pointer. Geometry is arithmetic: nothing is measured while dragging.
  let held = null, frame = 0, wasDrag = false;
  rowsBox.addEventListener('pointerdown', (e) => {
    const one = e.target.closest('.bar'), b = c.m?.bars.get(one?.dataset.id);
    wasDrag = false;
    if (!b || e.button || b.st > 1 || c.pending.has(b.id) || c.mode?.by === 'keys') return;
    const at = one.getBoundingClientRect(), rect = box.getBoundingClientRect();
    const near = at.width >= 4 * EDGE ? (e.clientX < at.left + EDGE ? (c.rtl ? 'to' : 'from') : e.clientX > at.right - EDGE ? (c.rtl ? 'from' : 'to') : '') : '';
    held = { b, id: e.pointerId, x: e.clientX, y: e.clientY, nowX: e.clientX, nowY: e.clientY, left: box.scrollLeft, near: near === 'from' && b.st === 1 ? '' : near, rect, on: false };
    if (e.pointerType === 'mouse') e.preventDefault();
    else held.timer = setTimeout(begin, PRESS);
    if (e.pointerType === 'mouse') { one.focus({ preventScroll: true }); held.mouse = true; }
  });
  function begin() {
    if (!held) return;
    held.on = wasDrag = true;
    rowsBox.setPointerCapture(held.id);
    if (isLocked(held.b) && !held.near) { toast(t('is-locked', { who: who(held.b) })); held = null; return; }
    c.choose(held.b.id); enter(held.near ? 'extend' : 'move', held.b, 'pointer');
    document.body.classList.add('dragging');
  }
  function follow() {
    frame = 0;
    if (!held?.on || !c.mode) return;
    const { rect, b } = held, y = held.nowY - rect.top, mode = c.mode;
    if (y < c.top + 24) box.scrollTop -= 12; else if (y > rect.height - 24) box.scrollTop += 12;
    const over = c.rows[c.rowAt(y + box.scrollTop - c.top)], by = Math.round((held.nowX - held.x + box.scrollLeft - held.left) / c.col) * (c.rtl ? -1 : 1);
    const before = `${mode.kind} ${mode.room} ${mode.a} ${mode.d}`;
    if (held.near) { if (held.near === 'to') mode.d = b.d + by; else mode.a = b.a + by; } else {
      mode.room = over?.room?.name ?? b.row;
      const isAway = mode.room !== b.row;
      // One drop is one command: another room, or in the own room other dates, before arrival only.
      mode.kind = !isAway && by && b.st === 0 ? 'extend' : 'move';
      [mode.a, mode.d] = mode.kind === 'extend' ? [b.a + by, b.d + by] : [b.a, b.d];
    }
    if (before !== `${mode.kind} ${mode.room} ${mode.a} ${mode.d}`) place();
    if (y < c.top + 24 || y > rect.height - 24) frame = requestAnimationFrame(follow);
  }
  addEventListener('pointermove', (e) => {
    if (!held || e.pointerId !== held.id) return;
    held.nowX = e.clientX; held.nowY = e.clientY;
    const far = Math.hypot(e.clientX - held.x, e.clientY - held.y) > START;
    if (!held.on && far) { if (held.mouse) begin(); else { clearTimeout(held.timer); held = null; return; } }
    if (held?.on) frame ||= requestAnimationFrame(follow);
  });
  const end = (send_) => (e) => {
    if (!held || e.pointerId !== held.id) return;
    clearTimeout(held.timer);
    const on = held.on;
    if (on) { cancelAnimationFrame(frame); frame = 0; follow(); cancelAnimationFrame(frame); frame = 0; }
    held = null; document.body.classList.remove('dragging');
    if (on && c.mode) { if (send_) drop(); else leave(); }
  };
  addEventListener('pointerup', end(true)); addEventListener('pointercancel', end(false));
  addEventListener('keydown', (e) => { if (e.key === 'Escape' && held?.on) { held = null; document.body.classList.remove('dragging'); leave(); } }, true);
  rowsBox.addEventListener('touchmove', (e) => { if (held?.on) e.preventDefault(); }, { passive: false });

  return {
    key, verb, drawn, strip: strips,
    cannot: (row) => { const b = c.mode?.kind === 'move' && c.m.bars.get(c.mode.id); return b && row.kind === 'room' && row.key !== b.row && clash(c.m, b, row.key); },
    clicked(one) {
      if (wasDrag) { wasDrag = false; return true; }
      if (c.mode?.by !== 'keys' || c.mode.kind !== 'move') return false;
      const row = c.rows[c.index.get(one.parentElement._key)];
      if (row?.room) { c.mode.room = row.room.name; drop(); }
      return true;
    },
    // Somebody else was there first: the bar I hold, or the place I hold it over.
    changed(id, old, now, isMine) {
      const mode = c.mode;
      if (id === c.sel) strips();
      if (!mode || isMine) return;
      if (id !== mode.id) { const was = mode.bad; place(); if (mode.bad && !was) toast(t('target-taken', { room: mode.room })); return; }
      if (!now) { toast(t('left-chart', { who: who(old) })); return leave(); }
      if (now.row !== old.row && !isPlanned(now)) { toast(t('moved-meanwhile', { who: who(now), room: now.row })); }
      place();
    },
  };
}
