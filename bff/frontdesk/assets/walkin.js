// The walk-in form: other dates show other rooms and prices without losing what is typed; the total follows the type.
const form = document.getElementById('walkin');
let asked = 0;

function total() {
  const chosen = form.querySelector('[name=type]:checked'), box = document.getElementById('total');
  box.textContent = chosen?.dataset.total || '—';
}

// What is typed travels in the body, as it does when the form is sent.
async function look() {
  const mine = ++asked, fields = new URLSearchParams(new FormData(form));
  fields.set('do', 'look');
  try {
    const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'text/html' }, body: fields });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!answer.ok || mine !== asked) return;
    for (const part of ['#offers', '.walkin-sum > .button', '.walkin-sum > .small', '.pagehead']) {
      const [own, fresh] = [document.querySelector(part), page.querySelector(part)];
      if (own && fresh) own.replaceWith(fresh);
    }
    document.title = page.title;
    total();
  } catch { /* the form can still be sent: the dates are looked at then */ }
}

if (form) {
  let arrival = form.arrival.value;
  form.addEventListener('change', (e) => {
    if (e.target.name === 'type') total();
    if (e.target.name === 'arrival' && arrival && form.arrival.value) {
      // A later arrival takes the departure along.
      const nights = Math.max(1, Math.round((Date.parse(form.departure.value) - Date.parse(arrival)) / 86_400_000) || 1);
      form.departure.value = new Date(Date.parse(form.arrival.value) + nights * 86_400_000).toISOString().slice(0, 10);
      arrival = form.arrival.value;
    }
    if (['arrival', 'departure'].includes(e.target.name) && form.arrival.value && form.departure.value > form.arrival.value) look();
  });
  total();
}
const problems = document.getElementById('problems') ?? document.getElementById('trouble');
if (problems) { problems.tabIndex = -1; problems.focus(); }
