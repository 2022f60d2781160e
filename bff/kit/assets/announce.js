// One polite voice a page: what happened by itself, at most every two seconds, counted when there is much.
let waiting = [], speaking = 0;
const region = () => document.getElementById('toasts');

export function toast(text, { undo, undoWord = 'Undo', urgent = false } = {}) {
  const box = document.createElement('div');
  box.className = 'toast';
  if (urgent) box.setAttribute('role', 'alert');
  const words = document.createElement('span');
  words.className = 'grow'; words.textContent = text;
  box.append(words);
  if (undo) {
    const button = document.createElement('button');
    button.type = 'button'; button.textContent = undoWord;
    button.addEventListener('click', () => { box.remove(); undo(); });
    box.append(button);
  }
  const close = document.createElement('button');
  close.type = 'button'; close.textContent = '×'; close.setAttribute('aria-label', document.documentElement.lang === 'de' ? 'Schließen' : 'Close');
  close.addEventListener('click', () => box.remove());
  box.append(close);
  region()?.append(box);
  // It stays until it is dismissed, or ten seconds after nobody is on it.
  let timer = setTimeout(() => box.remove(), 10_000);
  box.addEventListener('focusin', () => clearTimeout(timer));
  box.addEventListener('focusout', () => { timer = setTimeout(() => box.remove(), 10_000); });
  return box;
}

export function announce(text) {
  waiting.push(text);
  if (speaking) return;
  speaking = setTimeout(() => {
    speaking = 0;
    const said = document.getElementById('said') ?? document.body.appendChild(Object.assign(document.createElement('div'), { id: 'said', className: 'hidden-text' }));
    said.setAttribute('aria-live', 'polite');
    said.textContent = waiting.length > 3 ? waiting.slice(-2).join(' · ') + ' …' : waiting.join(' · ');
    waiting = [];
  }, waiting.length > 1 ? 2_000 : 100);
}
