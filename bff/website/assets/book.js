// The hold of a checkout: what is left of it is counted down, said aloud at 5, 2 and 1 minutes, and kept for longer without
// touching what is being typed. Without this the page says until when the room is held, and the same buttons work.
import { announce } from './announce.js';

const hold = document.getElementById('hold'), clock = document.getElementById('clock');
const [running, ended] = [hold?.querySelector('.running'), hold?.querySelector('.ended')];
let until = Date.now() + Number(hold?.dataset.left ?? 0) * 1000, said = Infinity;

// What the page says when it opens is not news.
const heard = () => [1, 2, 5].find((minutes) => until - Date.now() <= minutes * 60_000) ?? Infinity;

function show() {
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  clock.hidden = false;
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  hold.classList.toggle('soon', left > 0 && left < 120);
  for (const minutes of [1, 2, 5]) {
    if (left > 0 && left <= minutes * 60 && said > minutes) { said = minutes; announce(hold.dataset[`said-${minutes}`]); break; }
  }
  if (left === 0 && ended.hidden) { running.hidden = true; ended.hidden = false; hold.classList.add('over'); announce(hold.dataset.over); }
}

async function keep(e) {
  const button = e.currentTarget;
  e.preventDefault();
  if (button.getAttribute('aria-disabled')) return;
  button.setAttribute('aria-disabled', 'true');
  try {
    const answer = await fetch(button.formAction, { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams({ step: button.value }) });
    const { left_s = 0, extends_left = 0, href } = await answer.json();
    // Sold to somebody else meanwhile: what was typed stays on the page, and the link beside it leads on.
    if (!answer.ok || href) { announce(hold.dataset[href ? 'over' : 'silent']); return; }
    until = Date.now() + left_s * 1000; said = heard();
    running.hidden = left_s === 0; ended.hidden = left_s > 0;
    hold.classList.toggle('over', left_s === 0);
    const more = document.getElementById('keep');
    if (more) more.hidden = extends_left === 0;
    running.querySelector('p')?.remove();
    announce(hold.dataset.kept);
    if (document.activeElement === document.body) document.getElementById('main').focus();
    show();
  } catch { announce(hold.dataset.silent); } finally { button.removeAttribute('aria-disabled'); }
}

if (hold) {
  said = heard();
  show();
  setInterval(show, 1000);
  for (const id of ['keep', 'again']) document.getElementById(id)?.addEventListener('click', keep);
  // A page from the back cache has an old clock, or is decided by now.
  addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });
}

// A second press is harmless; it is only not needed.
for (const form of document.querySelectorAll('form.sheet')) {
  form.addEventListener('submit', (e) => {
    if (e.submitter?.id !== 'on') return;
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = '1';
    e.submitter.setAttribute('aria-disabled', 'true');
  });
}
