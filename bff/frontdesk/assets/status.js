// House status: figures that change by themselves.
import { announce } from './announce.js';
import { freshness, live, refresh } from './live.js';

const tiles = document.getElementById('tiles'), show = freshness(document.getElementById('freshness'));
let due = 0;
// Many things change at once at nine in the morning: one look for all of them.
const soon = () => { due ||= setTimeout(() => { due = 0; refresh(); }, 400); };

live('/desk/live?hotel=' + encodeURIComponent(tiles.dataset.hotel), {
  onState: show,
  on: (type, data) => {
    if (type === 'notice' && data.code === 'date-rolled') { announce(document.getElementById('business-date')?.title + ' ' + data.date); location.reload(); return; }
    if (['tile', 'night', 'notice', 'room', 'reset'].includes(type)) soon();
  },
});
