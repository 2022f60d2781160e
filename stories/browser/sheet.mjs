// The sheet of one reservation: from a room given to check-out, all of it on the sheet, and a history that says so.
const axes = [['light', []], ['dark', ['dark']], ['phone', ['phone', 'german']]];

async function desk(open, visit, name, path, ...traits) {
  const page = await open(...traits);
  await page.context().request.post('/desk/login', { form: { role: 'desk', name, next: '/desk' } });
  const seen = await visit(page, path);
  return { page, seen };
}

export default async function ({ open, visit, axe, shot, check, allow }) {
  // Who comes today and stays for more than one night, who leaves today, and who comes later.
  const first = (await desk(open, visit, 'ana', '/desk')).page;
  const ask = async (path) => (await first.context().request.get(path, { headers: { accept: 'application/json' } })).json();
  await first.goto('/desk/tape?nights=14');
  await first.locator('#chart[data-ready]').waitFor();
  const today = await first.locator('#business-date').getAttribute('data-date');
  const ids = await first.evaluate(() => [...document.querySelectorAll('.bar[data-id]')].map((bar) => bar.dataset.id));
  let id = null, gone = null, out = null;
  for (const one of new Set(ids)) {
    const { booking, acts } = await ask(`/desk/r/${one}`);
    const isLonger = Date.parse(booking.to) - Date.parse(booking.from) > 86_400_000;
    if (booking.state === 'confirmed' && booking.from > today) gone ??= one;
    else if (booking.state === 'confirmed' && isLonger && acts.types) id ??= one;
    else if (acts.next === 'CheckOut') out ??= one;
    if (id && gone && out) break;
  }
  if (!check('the demonstration has stays of all kinds', id && gone && out, { id, gone, out })) return;

  for (const [look, traits] of axes) {
    for (const [what, one] of [['arrival', id], ['in house', out]]) {
      const { page, seen } = await desk(open, visit, 'ana', `/desk/r/${one}`, ...traits);
      check(`the sheet is there (${what}, ${look})`, seen.status === 200 && (await page.locator('.button.main').count()) === 1, seen);
      await page.locator('.act summary').first().click();
      await axe(page, `sheet (${what}, ${look})`);
      await shot(page, `sheet-${what.replace(' ', '-')}-${look}`);
      await page.context().close();
    }
  }

  const { page } = await desk(open, visit, 'ana', `/desk/r/${id}`);
  const other = (await desk(open, visit, 'rui', `/desk/r/${id}`)).page;
  await other.locator('#freshness.ok').waitFor();
  const notice = () => page.locator('#notice.ok').innerText();
  const done = (path) => page.waitForURL((url) => url.searchParams.get('did')?.startsWith(path));

  // A room is given by keys (one nobody has just left); the other desk sees it and is told who it was.
  await page.keyboard.press('a');
  const room = await page.locator('#assign-room option').last().innerText();
  await page.locator('#assign-room').selectOption(room);
  await Promise.all([done('assign.'), page.locator('.act[open] .button').click()]);
  check('a room is given', (await page.locator('.room-name').innerText()) === room && (await notice()).includes(room));
  await other.locator('.room-name', { hasText: room }).waitFor();
  await other.locator('#changed:not([hidden])', { hasText: 'ana' }).waitFor();
  check('another desk is told who has done it', true);

  await Promise.all([done('check-in.'), page.keyboard.press('i')]);
  check('the guest is checked in', (await page.locator('.sheet-head .chip').first().innerText()).includes('In house'));

  // An upgrade in house, without a higher price.
  await page.keyboard.press('m');
  const better = page.locator('#move-room optgroup[label*="upgrade"] option').first();
  const to = await better.innerText();
  await page.locator('#move-room').selectOption(to);
  await page.locator('#move-why').fill('birthday');
  await Promise.all([done('move.'), page.locator('.act[open] .button').click()]);
  check('the guest has moved up', (await page.locator('.room-name').innerText()) === to && (await page.locator('.sheet-head').innerText()).includes('upgraded from'));

  await page.keyboard.press('e');
  const later = await page.locator('#extend-to').evaluate((field) => { const day = new Date(field.value); day.setUTCDate(day.getUTCDate() + 1); return day.toISOString().slice(0, 10); });
  await page.locator('#extend-to').fill(later);
  await Promise.all([page.waitForURL((url) => url.searchParams.has('did') || url.searchParams.has('no')), page.locator('.act[open] .button').click()]);
  const extended = page.url().includes('did=extend');
  check('the departure is changed, or it is said why not', extended || (await page.locator('#notice.urgent').count()) === 1, page.url());

  // Leaving early asks once, and says what it gives back.
  await page.locator('.act[data-key="early"] summary').click();
  await page.locator('#ask[open]').waitFor();
  check('leaving early says what it gives back', /nights? (is|are) given back/.test(await page.locator('#ask').innerText()));
  await axe(page, 'sheet (a question)');
  await shot(page, 'sheet-question', { fullPage: false });
  await Promise.all([done('check-out.'), page.locator('#ask .danger').click()]);
  check('the guest is checked out', (await page.locator('.sheet-head .chip').first().innerText()).includes('Departed'));

  const told = await page.locator('.events').innerText();
  for (const words of ['Checked out', `Moved to room ${to}`, 'birthday', `Checked in, room ${room}`, `Room ${room} given`, ...(extended ? ['Departure changed'] : [])]) {
    check(`the history says: ${words}`, told.includes(words), told);
  }
  check('it is newest first', told.indexOf('Checked out') < told.indexOf('Checked in'));

  // Cancelled without scripts: a step of its own, and a reason.
  const plain = (await desk(open, visit, 'ana', `/desk/r/${gone}`, 'scriptless')).page;
  await plain.locator('.act[data-key="cancel"] summary').click();
  await plain.locator('.act[data-key="cancel"] input[name="reason"]').fill('ill');
  await plain.locator('.act[data-key="cancel"] .danger').click();
  await plain.locator('#notice.ok').waitFor();
  check('it is cancelled without scripts', (await plain.locator('.sheet-head').innerText()).includes('Cancelled'));
  await axe(plain, 'sheet (cancelled, no scripts)');

  // Nothing of the kind here.
  const none = (await desk(open, visit, 'ana', '/desk')).page;
  allow(none, /404/);
  const { status } = await visit(none, '/desk/r/res_none');
  check('what is not there is said so', status === 404);
  await axe(none, 'no such reservation');
}
