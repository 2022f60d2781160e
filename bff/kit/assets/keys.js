// Keys: one table of what a key does, for the page and for the palette. Single letters never act in fields, and can be
// switched off.
const table = new Map();
let pending = '', timer = 0;
const typing = (e) => e.target.closest?.('input, textarea, select, [contenteditable], dialog[open]') && !e.target.closest('[data-keys]');
const off = () => localStorage.getItem('letters') === 'off';

/// Binds keys: `{ 'g a': { text, run }, '?': {…} }`; a binding without a key is for the palette only.
export function bind(bindings) { for (const [key, what] of Object.entries(bindings)) table.set(key, { key, ...what }); }
export const bound = () => [...table.values()];

addEventListener('keydown', (e) => {
  if (e.defaultPrevented) return;
  if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'k') { const open = table.get('Ctrl K'); if (open) { e.preventDefault(); open.run(e); } return; }
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e)) return;
  const name = e.key.length === 1 ? e.key : e.key;
  if (e.key.length === 1 && off() && e.key !== '?') return;
  const seq = pending ? pending + ' ' + name : name;
  clearTimeout(timer); pending = '';
  const hit = table.get(seq) ?? table.get(name);
  if (hit) { if (hit.run(e) !== false) e.preventDefault(); return; }
  if ([...table.keys()].some((key) => key.startsWith(seq + ' '))) { pending = seq; timer = setTimeout(() => { pending = ''; }, 1_500); e.preventDefault(); }
});

/// Rows that are walked with arrows or j and k, and opened with Enter.
export function rows(list, { row = '[data-key]', open } = {}) {
  if (!list) return;
  const all = () => [...list.querySelectorAll(row)];
  const at = () => all().indexOf(document.activeElement?.closest?.(row));
  const go = (step) => { const rows = all(); const to = rows[Math.max(0, Math.min(rows.length - 1, at() + step))]; if (to) { to.tabIndex = 0; to.focus({ preventScroll: false }); } };
  bind({ ArrowDown: { run: () => list.contains(document.activeElement) ? go(1) : false }, ArrowUp: { run: () => list.contains(document.activeElement) ? go(-1) : false }, j: { run: () => go(1) }, k: { run: () => go(-1) } });
  list.addEventListener('keydown', (e) => { if (e.key === 'Enter' && e.target.matches(row)) { e.preventDefault(); (open ?? ((r) => r.querySelector('a')?.click()))(e.target); } });
  return { current: () => all()[at()] ?? null, go };
}
