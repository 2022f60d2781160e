// The chart's numbers, without a page: rooms, bars, which rows there are, how a row is tiled, what cannot go where. The
// server draws the first rows by the same rules (tape/chart.rs).
const DAY = 86_400_000, LANES = 3, OVER_DAYS = 14;
export const dayOf = (text) => Math.round(Date.parse(text + 'T00:00:00Z') / DAY);
export const textOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);

export function read(s) {
  const m = { hotel: s.hotel, epoch: s.epoch, seq: s.seq, bd: dayOf(s.bd), from: dayOf(s.from), nights: s.nights, currency: s.currency,
    isAllNamed: s.is_all_named, types: [], rooms: new Map(), bars: new Map(), rows: new Map(), over: new Map(), dirty: new Set() };
  heads(m, s);
  const { bars } = s, v = s.seq;
  for (let n = 0; n < bars.id.length; n++) {
    const id = bars.id[n], at = bars.room[n], fl = bars.flags[n], type = bars.room_type[n], sold = bars.sold_as[n], col = bars.col[n], span = bars.nights[n], st = bars.st[n], name = bars.name[n], conf = bars.confirmation[n], price = bars.price[n];
    const code = (n) => s.types[n]?.[0] ?? '';
    put(m, { id, v, row: at < 0 ? null : s.rooms[at][0], fl, type: code(type), sold: code(sold), a: m.from + col, d: m.from + col + span, st, name, conf, price });
  }
  return m;
}

// Types with their totals, and rooms: what changes without a bar.
export function heads(m, s) {
  m.types = s.types.map(([code, name, price, nights]) => ({ code, name: name || code, price, nights: nights?.map((n) => n.slice()) ?? null, rooms: 0 }));
  m.house = s.house; m.bd = dayOf(s.bd);
  for (const [name, type, clean, occ] of s.rooms) {
    m.rooms.set(name, { name, type: s.types[type]?.[0] ?? '', clean: !!clean, occ: !!occ });
    const kind = m.types[type];
    if (kind) kind.rooms += 1;
  }
}

export const kindOf = (m, code) => m.types.find((t) => t.code === code);
export const isPlanned = (bar) => !!(bar.fl & 1);
export const isAssigned = (bar) => !!(bar.fl & 2);
export const isLocked = (bar) => !!(bar.fl & 4);
const drawnUnder = (m, bar) => m.rooms.get(bar.row)?.type ?? bar.type;
const list = (m, bar) => (bar.row ? [m.rows, bar.row] : [m.over, drawnUnder(m, bar)]);

function take(m, bar) {
  const [all, key] = list(m, bar), rest = all.get(key)?.filter((other) => other.id !== bar.id);
  if (rest) all.set(key, rest);
  m.dirty.add(key);
}

// A bar in its present state; false when a newer one is here already.
export function put(m, bar) {
  const old = m.bars.get(bar.id);
  if (old && old.v > bar.v) return false;
  if (old) { take(m, old); bar.name ||= old.name; bar.conf ||= old.conf; }
  m.bars.delete(bar.id);
  if (bar.a >= m.from + m.nights || bar.d < m.from || !kindOf(m, drawnUnder(m, bar))) return true;
  m.bars.set(bar.id, bar);
  const [all, key] = list(m, bar), rest = all.get(key) ?? [];
  all.set(key, [...rest, bar].sort((x, y) => x.a - y.a || (x.id < y.id ? -1 : 1)));
  m.dirty.add(key);
  return true;
}

export function drop(m, id, v) {
  const old = m.bars.get(id);
  if (!old || old.v > v) return false;
  take(m, old);
  return m.bars.delete(id);
}

export const told = (e) => ({ id: e.id, v: e.v, row: e.row, fl: e.fl, type: e.type, sold: e.sold, a: dayOf(e.from), d: dayOf(e.to), st: e.st, name: e.name ?? '', conf: e.conf ?? '', price: e.price });

// What a bar asks for: its class, and the key of its words.
export function look(m, bar) {
  if (bar.st === 2) return ['past', 'past'];
  if (bar.st === 1) return bar.d < m.bd ? ['urgent', 'missed-out'] : bar.d === m.bd ? ['due out', 'due-out'] : ['inhouse', 'inhouse'];
  if (bar.a < m.bd) return ['urgent', 'missed-in'];
  if (!bar.row && bar.a - m.bd <= OVER_DAYS) return ['urgent', 'over'];
  return bar.a === m.bd ? ['due in', 'due-in'] : ['future', 'future'];
}

// Every night of a row in one tile: a bar, or a gap.
export function tiles(m, bars) {
  const all = [];
  let at = 0;
  for (const bar of bars) {
    const from = bar.a - m.from, col = Math.min(Math.max(from, at), m.nights - 1);
    if (col > at) all.push({ col: at, span: col - at });
    const end = Math.max(Math.min(bar.d - m.from, m.nights), col + 1);
    all.push({ col, span: end - col, bar });
    at = end;
  }
  if (at < m.nights) all.push({ col: at, span: m.nights - at });
  return all;
}

// Bars without a room: each in the first lane that is free from its first night on.
export function lanes(bars) {
  const all = [], ends = [];
  for (const bar of bars) {
    let n = ends.findIndex((end) => end <= bar.a);
    if (n < 0) n = ends.length;
    ends[n] = Math.max(bar.d, bar.a + 1);
    (all[n] ??= []).push(bar);
  }
  return all;
}

// All rows from top to bottom. `open`: types whose lanes are all shown.
export function layout(m, { planned = true, open = new Set(), takes = null } = {}) {
  const rows = [], shown = (bars) => (planned ? bars : bars.filter((bar) => !isPlanned(bar)));
  for (const kind of m.types) {
    const at = rows.length;
    rows.push({ kind: 'head', key: 'head ' + kind.code, type: kind.code, bars: [] });
    const over = lanes(m.over.get(kind.code) ?? []), most = open.has(kind.code) ? over.length : LANES;
    over.slice(0, most).forEach((bars, n) => rows.push({ kind: 'lane', key: `lane ${kind.code} ${n}`, type: kind.code, bars }));
    const more = over.slice(most).reduce((n, bars) => n + bars.length, 0);
    if (more || over.length > LANES) rows.push({ kind: 'more', key: 'more ' + kind.code, type: kind.code, bars: [], more });
    for (const room of m.rooms.values()) if (room.type === kind.code) rows.push({ kind: 'room', key: room.name, type: kind.code, room, bars: shown(m.rows.get(room.name) ?? []) });
    if (takes) {
      const kept = rows.splice(at).filter((row) => row.kind === 'head' || row.bars.some(takes) || row.room && takes({ name: row.room.name, conf: '' }));
      if (kept.length > 1) rows.push(...kept);
    }
  }
  return rows;
}

// Why a stay cannot be in a room on these nights; null when it can. What is only planned there makes way.
export function clash(m, bar, room, a = bar.a, d = bar.d) {
  const here = m.rooms.get(room), kind = kindOf(m, here?.type), sold = kindOf(m, bar.sold) ?? kindOf(m, bar.type);
  if (!here) return { why: 'none' };
  if (kind && sold && kind.code !== bar.type && kind.price < sold.price) return { why: 'lower', kind };
  const from = bar.st === 1 ? Math.max(a, m.bd) : a, to = Math.max(d, from + 1);
  for (const other of m.rows.get(room) ?? []) {
    if (other.id === bar.id || other.st === 2 || isPlanned(other)) continue;
    if (other.a < to && other.d > from) return { why: 'taken', other };
    // Who leaves today is still there until they do.
    if (bar.st === 1 && other.st === 1) return { why: 'occupied', other };
  }
  return null;
}

// Rooms that can take a stay, those in which nobody is planned first, of its own type before higher ones.
export function freeRooms(m, bar) {
  const price = (room) => kindOf(m, room.type)?.price ?? 0;
  const isEmpty = (room) => !(m.rows.get(room.name) ?? []).some((other) => other.id !== bar.id && isPlanned(other) && other.a < bar.d && other.d > bar.a);
  const free = [...m.rooms.values()].filter((room) => (room.name !== bar.row || isPlanned(bar)) && !clash(m, bar, room.name));
  const rank = (room) => (room.type === bar.type ? 0 : 1 + price(room)) * 4 + (isEmpty(room) ? 0 : 2) + (room.clean ? 0 : 1);
  return free.map((room) => [rank(room), room]).sort((x, y) => x[0] - y[0]).map(([, room]) => room);
}
