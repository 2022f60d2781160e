// The calendar under the arrows: days and weeks, Home and End, a month back and on. Without this it is a table of links.
const table = document.getElementById('days');
const days = () => [...table.querySelectorAll('a[data-date]')];
const turn = (way) => { const link = document.querySelector(`.turn a[rel="${way}"]`); if (link) location.href = link.href; };

table?.addEventListener('keydown', (e) => {
  const day = e.target.closest('a[data-date]');
  if (!day || e.ctrlKey || e.metaKey || e.altKey) return;
  const rtl = document.documentElement.dir === 'rtl' ? -1 : 1;
  const column = day.closest('td').cellIndex;
  const steps = { ArrowRight: rtl, ArrowLeft: -rtl, ArrowDown: 7, ArrowUp: -7, Home: -column, End: 6 - column };
  if (e.key === 'PageUp' || e.key === 'PageDown') { e.preventDefault(); turn(e.key === 'PageUp' ? 'prev' : 'next'); return; }
  if (!(e.key in steps)) return;
  e.preventDefault();
  const all = days(), at = all.indexOf(day);
  // Days that are over are no links, so the first and last day may be nearer than a whole week.
  const to = all[Math.max(0, Math.min(all.length - 1, at + steps[e.key]))];
  to?.focus();
});
