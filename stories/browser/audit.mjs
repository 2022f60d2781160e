// The end of the day: somebody without a booking, finding them again, closing a day, what is left on the next one, and two
// desks that press the button at once.
const AUDIT = '/desk/audit', WALK_IN = '/desk/walk-in', NAME = 'Zoraida Quintanilla';

async function desk(open, visit, name, path, ...traits) {
  const page = await open(...traits);
  await page.context().request.post('/desk/login', { form: { role: 'desk', name, next: '/desk' } });
  const seen = await visit(page, path);
  return { page, seen };
}
const title = (page) => page.locator('h1').innerText();
const date = (page) => page.locator('#business-date').innerText();
const LOOKS = [[], ['dark'], ['phone', 'german'], ['scriptless']];

export default async function ({ open, visit, axe, shot, check, allow }) {
  for (const traits of LOOKS) {
    const look = traits.join('-') || 'light';
    for (const [name, path] of [['audit', AUDIT], ['walk-in', WALK_IN], ['find', '/desk/find']]) {
      const { page, seen } = await desk(open, visit, 'ana', path, ...traits);
      check(`${name} is there (${look})`, seen.status === 200, seen);
      check(`${name} does not jump and is small (${look})`, seen.cls < 0.02 && seen.bytes <= 80_000, seen);
      await axe(page, `${name} (${look})`);
      await shot(page, `${name}-${look}`);
      await page.context().close();
    }
  }

  // Somebody without a booking.
  const { page } = await desk(open, visit, 'ana', WALK_IN);
  const addresses = [];
  page.on('request', (request) => addresses.push(request.url()));
  allow(page, /422/);
  await page.locator('button.main').click();
  await page.locator('#problems').waitFor();
  check('a mistake is told in the title, and has the focus', (await page.title()).startsWith('Error:') && (await page.evaluate(() => document.activeElement.id)) === 'problems');
  await axe(page, 'walk-in with a mistake');
  await page.locator('#name').fill(NAME);
  const one = await page.locator('#total').innerText();
  const arrival = await page.locator('#arrival').inputValue();
  const later = new Date(Date.parse(arrival) + 2 * 86_400_000).toISOString().slice(0, 10);
  await page.locator('#departure').fill(later);
  await page.waitForFunction((one) => document.getElementById('total').textContent !== one, one);
  check('other dates show other totals, and what is typed stays', (await page.locator('#name').inputValue()) === NAME);
  await shot(page, 'walk-in-filled');
  await page.locator('button.main').click();
  await page.waitForURL(/\/desk\/r\/.*did=check-in/);
  check('booked and checked in by one press', true, page.url());

  // Found again, and the name was in no address.
  await page.goto(AUDIT);
  await page.keyboard.press('Control+k');
  await page.locator('#palette-input').fill('quintan');
  const option = page.locator('#palette-list [role=option]').first();
  await page.waitForFunction(() => document.querySelector('#palette-list')?.textContent.includes('Quintanilla'));
  check('the palette finds a guest by name', (await option.innerText()).includes('Quintanilla'), await option.innerText());
  await shot(page, 'audit-palette', { fullPage: false });
  await page.keyboard.press('Escape');
  await page.locator('#find').fill('Quintanilla Z');
  await page.keyboard.press('Enter');
  await page.locator('#found').waitFor();
  check('the page finds the same', (await page.locator('#found').innerText()).includes('Quintanilla Z'));
  await axe(page, 'found');
  check('a name is in no address', !addresses.some((address) => /quintan|zoraida/i.test(address)), addresses.filter((a) => /quintan|zoraida/i.test(a)));

  // What is left of the day stands in the way of its end; several are dealt with at once.
  const other = (await desk(open, visit, 'rui', AUDIT)).page;
  await other.locator('#freshness.ok').waitFor();
  check('the day cannot be closed while somebody is left', (await other.locator('.audit-left').count()) > 0 && (await other.locator('button.main').getAttribute('aria-disabled')) === 'true');
  await axe(other, 'leftovers');
  await shot(other, 'audit-left');
  for (const [verb, chip] of [['no-shows', /no-show/], ['check-outs', /checked out/]]) {
    const form = other.locator(`form[action$="/${verb}"]`);
    const n = await form.locator('[name=stay]').count();
    check(`several are left (${verb})`, n > 1, n);
    await form.locator('[name=stay]').first().uncheck();
    check(`what is chosen is counted (${verb})`, (await form.locator('button').innerText()).includes(String(n - 1)), await form.locator('button').innerText());
    await form.locator('[name=stay]').first().check();
    await form.locator('button').click();
    await other.locator('.audit-results').waitFor();
    const rows = await other.locator('.audit-results tr').allInnerTexts();
    check(`each stay has its result (${verb})`, rows.length === n && rows.every((row) => chip.test(row)), rows);
    await axe(other, `results of ${verb}`);
    await shot(other, `audit-${verb}`);
  }

  // Closing the day: another desk sees it roll without doing anything.
  await other.goto(AUDIT);
  await other.locator('#freshness.ok').waitFor();
  await other.evaluate(() => { window.sameDocument = true; });
  await page.goto(AUDIT);
  const [before, closes] = [await date(page), await title(page)];
  await page.locator('button.main:not([aria-disabled])').click();
  await page.locator('.audit-done').waitFor();
  check('the day is closed', (await title(page)).includes(before.slice(4)) && (await date(page)) !== before, { before, now: await date(page), closes });
  await axe(page, 'a closed day');
  await shot(page, 'audit-closed');
  await other.waitForFunction((before) => document.getElementById('business-date').textContent !== before, before);
  check('the date rolls on the other desk', (await other.evaluate(() => window.sameDocument === true)) && (await date(other)) === (await date(page)));
  await other.waitForFunction(() => document.querySelectorAll('.audit-left').length > 0);
  check('and shows what is left of the next day', true);

  // Two desks press at once: it is one audit, and both end on it.
  for (const verb of ['no-shows', 'check-outs']) {
    await other.goto(AUDIT);
    const form = other.locator(`form[action$="/${verb}"]`);
    if ((await form.count()) === 0) continue;
    await form.locator('button').click();
    await other.locator('.audit-results').waitFor();
  }
  await Promise.all([page.goto(AUDIT), other.goto(AUDIT)]);
  const closing = await date(page);
  const press = async (desk) => { await desk.locator('button.main:not([aria-disabled])').click(); await desk.locator('.audit-done').waitFor(); return title(desk); };
  const [mine, theirs] = await Promise.all([press(page), press(other)]);
  check('both end on the same audit', mine === theirs && mine.includes(closing.slice(4)), { mine, theirs, closing });
  const { page: phone } = await desk(open, visit, 'ana', AUDIT, 'phone', 'german');
  await axe(phone, 'leftovers on a phone');
  await shot(phone, 'audit-left-phone');
}
