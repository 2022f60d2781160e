// The stream of a page's changes: connects, resumes where it was, says when it is silent. One stream a browser and address:
// the tabs choose a leader, which shares what it hears.
const SILENCE = 20_000, HIDDEN = 60_000;

export function live(url, { after = '', on, onState = () => {} }) {
  let source = null, last = after, silence = 0, hidden = 0, stopped = false, release = null;
  const path = new URL(url, location.href), name = 'live:' + path.pathname + path.search;
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(name) : null;
  let state = '';
  const tell = (now) => { if (now !== state) { state = now; onState(now, new Date()); } };
  const alive = () => { clearTimeout(silence); silence = setTimeout(() => { tell('paused'); reconnect(); }, SILENCE); tell('live'); };
  const hear = (type, data, id) => {
    if (id) last = id;
    alive();
    if (type !== 'beat') on(type, data, id);
  };
  const take = (type) => (e) => {
    let data = null;
    try { data = JSON.parse(e.data); } catch { return; }
    if (type === 'bye') { close(); if (!stopped) setTimeout(connect, data.retry_ms ?? 2000); return; }
    hear(type, data, e.lastEventId);
    channel?.postMessage({ type, data, id: e.lastEventId });
  };
  const types = ['hello', 'beat', 'bar', 'gone', 'room', 'night', 'item', 'left', 'tile', 'notice', 'step', 'hold', 'done', 'reset', 'bye', 'state'];
  function connect() {
    if (stopped || source || document.hidden && hidden === -1) return;
    const at = new URL(path);
    if (last) at.searchParams.set('after', last);
    source = new EventSource(at);
    for (const type of types) source.addEventListener(type, take(type));
    source.onerror = () => { tell('paused'); if (source?.readyState === EventSource.CLOSED) { close(); if (!stopped) setTimeout(connect, 1000 + Math.random() * 2000); } };
  }
  function close() { source?.close(); source = null; }
  function reconnect() { if (!source) return; close(); connect(); }
  function lead() {
    if (!navigator.locks || !channel) { connect(); return; }
    navigator.locks.request(name, () => new Promise((done) => { release = done; connect(); }));
    // Somebody else leads: their silence is ours.
    alive();
  }
  if (channel) channel.onmessage = (e) => hear(e.data.type, e.data.data, e.data.id);
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => { hidden = -1; close(); tell('paused'); }, HIDDEN);
    else if (hidden === -1) { hidden = 0; connect(); }
  });
  addEventListener('pagehide', () => { close(); release?.(); });
  addEventListener('pageshow', (e) => { if (e.persisted) { stopped = false; lead(); } });
  lead();
  return { stop() { stopped = true; close(); release?.(); }, reconnect, get last() { return last; }, set last(id) { last = id; } };
}

/// Shows the state of a stream in the page's freshness chip.
export function freshness(chip) {
  return (state, since) => {
    if (!chip) return;
    const time = since.toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
    chip.className = 'chip ' + (state === 'live' ? 'ok' : 'warn');
    chip.textContent = state === 'live' ? '● ' + chip.dataset.live : '○ ' + chip.dataset.paused + ' ' + time;
  };
}

let fetching = null, again = false;
/// Fetches the page once more and puts what has changed in place: rows by their key, never what somebody is typing in.
/// With `put: morph` without showing what has changed: for pages that change every second.
export async function refresh({ put = settle } = {}) {
  if (fetching) { again = true; return fetching; }
  fetching = (async () => {
    do {
      again = false;
      try {
        const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
        if (!answer.ok || answer.redirected) return;
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        for (const part of page.querySelectorAll('[data-live]:not(#freshness)')) {
          const mine = document.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
          if (mine) put(mine, part);
        }
      } catch { /* the stream says when the house is silent */ }
    } while (again);
  })();
  try { await fetching; } finally { fetching = null; }
}

const busy = (node) => node.contains(document.activeElement) && document.activeElement.matches('input, select, textarea') || node.querySelector?.('[data-dirty]');

/// Makes one part of the page what another says, keyed children one by one.
export function settle(mine, theirs) {
  const keyed = [...theirs.children].some((child) => child.dataset.key);
  if (!keyed) {
    if (mine.innerHTML !== theirs.innerHTML && !busy(mine)) mine.replaceChildren(...theirs.childNodes);
    return;
  }
  const old = new Map([...mine.children].map((child) => [child.dataset.key, child]));
  let place = mine.firstElementChild;
  for (const child of [...theirs.children]) {
    const is = old.get(child.dataset.key);
    old.delete(child.dataset.key);
    if (!is) { child.classList.add('changed'); mine.insertBefore(child, place); continue; }
    if (is !== place) mine.insertBefore(is, place); else place = place.nextElementSibling;
    if (is.outerHTML.replace(' changed', '') === child.outerHTML || busy(is)) continue;
    const focused = is.contains(document.activeElement) ? [...is.querySelectorAll('a, button')].indexOf(document.activeElement) : -2;
    if (place === is) place = is.nextElementSibling;
    child.classList.add('changed');
    is.replaceWith(child);
    if (focused === -1) child.focus(); else if (focused >= 0) child.querySelectorAll('a, button')[focused]?.focus();
  }
  for (const gone of old.values()) if (!busy(gone)) gone.remove();
}

/// Makes one part of the page what another says, node by node: what stays the same keeps its focus, and what somebody has
/// opened stays open. Forms in which somebody types are left alone.
export function morph(mine, theirs) {
  if (mine.matches('form') && (busy(mine) || mine.dataset.sent)) return;
  for (const { name } of [...mine.attributes]) if (!theirs.hasAttribute(name) && name !== 'open' && name !== 'tabindex') mine.removeAttribute(name);
  for (const { name, value } of theirs.attributes) if (name !== 'open' && mine.getAttribute(name) !== value) mine.setAttribute(name, value);
  if (mine.matches('input, select, textarea')) return;
  const keyed = new Map([...mine.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  const same = (a, b) => a && a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.dataset?.key ?? '') === (b.dataset?.key ?? '');
  let at = mine.firstChild;
  for (const child of [...theirs.childNodes]) {
    const known = child.nodeType === 1 && child.dataset.key ? keyed.get(child.dataset.key) : null;
    const is = known ?? (same(at, child) ? at : null);
    if (!is) { mine.insertBefore(document.importNode(child, true), at); continue; }
    if (is === at) at = at.nextSibling; else mine.insertBefore(is, at);
    if (is.nodeType === 1) morph(is, child); else if (is.data !== child.data) is.data = child.data;
  }
  while (at) { const next = at.nextSibling; if (!(at.nodeType === 1 && at.contains(document.activeElement) && busy(at))) at.remove(); at = next; }
}
