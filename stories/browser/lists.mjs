// The lists of a day on which guests arrive and leave. House status leads to the arrivals, a guest is checked in by keys
// and several at once, another desk sees it, one is checked out. Then every page for everybody.
const PAGES = ['/desk', '/desk/arrivals', '/desk/in-house', '/desk/departures'];

export default async function ({ open, visit, axe, shot, check, url }) {
  const as = { authorization: 'Bearer dev:desk:ana' };
  const today = (await (await fetch(`${url}/api/stays/v1/hotels/DEMO/business-day`, { headers: as })).json()).business_date;

  async function desk(name, path, ...traits) {
    const page = await open(...traits);
    await page.context().request.post('/desk/login', { form: { role: 'desk', name, next: '/desk' } });
    if (path) await visit(page, path);
    return page;
  }
  const due = (page) => page.locator('#rows tr[data-key]:not(.gone):not(.done)');
  const live = (page) => page.locator('#freshness.ok').waitFor();
  const left = async (page) => Number((await page.locator('.tile[data-key="arrivals"] .figure').innerText()).split('/')[0]);

  const status = await desk('rui', '/desk');
  await live(status);
  const before = await left(status);
  check('somebody is to come', before >= 4, before);

  const page = await desk('ana', '/desk/arrivals');
  const other = await desk('rui', '/desk/arrivals');
  await Promise.all([live(page), live(other)]);
  check('as many stand in the list', (await due(page).count()) === before, await due(page).count());
  const first = await due(page).first().getAttribute('data-key');
  const row = (on, id) => on.locator(`#rows tr[data-key="${id}"]`);

  // Keys: two, and one for another room than the proposed.
  await page.keyboard.press('i');
  await page.locator('tr.confirm').waitFor();
  check('the line that confirms has the focus', await page.evaluate(() => !!document.activeElement.closest('tr.confirm')));
  await shot(page, 'lists-confirm', { fullPage: false });
  await axe(page, 'arrivals, confirming');
  await page.keyboard.press('Escape');
  check('Esc leaves it, and the row is where one was', (await page.locator('tr.confirm').count()) === 0 && (await page.evaluate(() => document.activeElement.dataset.key)) === first);
  await page.keyboard.press('i');
  const rooms = await page.locator('tr.confirm .button[aria-pressed]').allInnerTexts();
  await page.keyboard.press('2');
  const sent = page.waitForResponse((answer) => answer.url().endsWith('/check-in'));
  await page.keyboard.press('Enter');
  const said = await (await sent).json();
  check('the guest is checked in by keys, into the chosen room', said.came === 'done' && rooms[1].includes(said.reply.room), { said, rooms });
  await page.locator('.toast', { hasText: said.reply.room }).waitFor();
  await page.locator(`#rows tr.gone[data-key="${first}"]`).waitFor();
  check('who was at the row stays there', (await page.evaluate(() => document.activeElement.dataset.key)) === first);
  await row(other, first).waitFor({ state: 'detached' });
  check('another desk sees it, without a reload', true);
  await status.waitForFunction((n) => document.querySelector('.tile[data-key="arrivals"] .figure').innerText.startsWith(n), String(before - 1));
  check('and house status counts it', (await left(status)) === before - 1);

  // Two at once: down, mark, down, mark.
  // Between them stand those who are here, and those for whom no room is ready.
  const mark = async () => {
    do await page.keyboard.press('ArrowDown');
    while (await page.evaluate(() => document.activeElement.matches('.gone, .done') || !document.activeElement.querySelector('button')));
    await page.keyboard.press('Space');
  };
  await mark();
  await mark();
  check('two are marked', (await page.locator('#many-do').innerText()).includes('2'), await page.locator('#many-do').innerText());
  await shot(page, 'lists-marked', { fullPage: false });
  await page.locator('#many-do').click();
  await page.locator('.toast', { hasText: '2 of 2' }).waitFor();
  check('two are checked in', true);
  await status.waitForFunction((n) => document.querySelector('.tile[data-key="arrivals"] .figure').innerText.startsWith(n), String(before - 3));

  // A day's booking that comes while somebody is at the list waits behind a button.
  await due(page).first().focus();
  const booked = await fetch(`${url}/api/reservations/v1/hotels/DEMO/reservations`, {
    method: 'POST', headers: { ...as, 'content-type': 'application/json', 'idempotency-key': 'lists-walk-in-1' },
    body: JSON.stringify({ room_type: 'STD', arrival: today, departure: next(today, 1),
      adults: 1, price: { amount: 12_900, currency: 'EUR' }, guarantee: { kind: 'direct-bill' } }),
  });
  const made = await booked.json();
  check('somebody books for today', booked.ok, made);
  await page.locator('#new:not([hidden])').waitFor();
  check('the new row waits', (await row(page, made.reservation).count()) === 0);
  await page.locator('#new').click();
  await row(page, made.reservation).waitFor();
  check('and comes when it is asked for', true);
  await row(other, made.reservation).waitFor();
  check('where nobody is at the list it comes by itself', true);

  // What is typed filters.
  await page.locator('#filter').fill(made.confirmation ?? '');
  check('a number finds its row', (await page.locator('#rows tr[data-key]:visible').count()) === 1);
  await page.locator('#filter').fill('');

  const out = await desk('ana', '/desk/departures');
  await live(out);
  const leaving = await due(out).first().getAttribute('data-key');
  await out.keyboard.press('o');
  const gone = out.waitForResponse((answer) => answer.url().endsWith('/check-out'));
  await out.keyboard.press('Enter');
  check('one is checked out by two keys', (await (await gone).json()).came === 'done');
  await out.locator(`#rows tr.gone[data-key="${leaving}"]`).waitFor();
  await shot(out, 'lists-left', { fullPage: false });

  for (const traits of [[], ['dark'], ['phone', 'dark', 'german'], ['scriptless']]) {
    const look = traits.join('-') || 'light';
    const one = await desk('eva', null, ...traits);
    for (const path of PAGES) {
      const seen = await visit(one, path);
      const name = `${path} (${look})`;
      check(`it is there and does not jump: ${name}`, seen.status === 200 && (seen.cls ?? 0) < 0.02, seen);
      check(`it is at most 80 kB: ${name}`, seen.bytes <= 80_000, seen.bytes);
      // The whole page at once: what happens to lie below the navigation at the lower edge is scrolled to, not covered.
      if (traits.includes('phone')) await one.setViewportSize({ width: 390, height: await one.evaluate(() => document.documentElement.scrollHeight) });
      await axe(one, name);
      await shot(one, `lists${path.replaceAll('/', '-')}-${look}`);
      if (traits.includes('phone')) await one.setViewportSize({ width: 390, height: 844 });
    }
    await one.context().close();
  }

  // Without a script a form does it, and the page says so.
  const plain = await desk('eva', '/desk/arrivals', 'scriptless');
  await plain.getByRole('button', { name: 'Check in' }).first().click();
  await plain.locator('#notice.ok', { hasText: 'checked in' }).waitFor();
  check('without scripts a form checks in', true);
}

const next = (day, days) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
