// The whole life of a booking, as those see it who take part: a guest books on the website, the desk finds the number, checks
// the guest in, gives a better room, the day is closed, the guest leaves, the next day is closed; the guest and the operators
// see the end of it. Then every service is stopped in turn: every page answers, and says what is missing.
const DAY_MS = 86_400_000;
const SERVICES = {
  hotels: 'The hotel directory', inventory: 'Availability', reservations: 'Reservations', stays: 'The house', payments: 'Payments', guests: 'Guest names',
};

export default async function ({ open, visit, axe, shot, check, url }) {
  const operator = { authorization: 'Bearer dev:operator:ops', 'content-type': 'application/json' };
  const api = async (path, body) => (await fetch(url + path, { headers: operator, ...(body && { method: 'POST', body: JSON.stringify(body) }) })).json();
  const enter = async (page, root, role) => page.context().request.post(`${root}/login`, { form: { role, name: role, next: root } });
  const today = (await api('/api/stays/v1/hotels/DEMO/business-day')).business_date;
  const day = (n) => new Date(Date.parse(today) + n * DAY_MS).toISOString().slice(0, 10);

  // Booked: the guest, on the website.
  const guest = await open();
  await visit(guest, `/hotels/DEMO/stay?from=${today}&to=${day(1)}&adults=2&children=0`);
  await guest.locator('form[action$="/choose"] button').first().click();
  await guest.waitForURL(/\/book\/[0-9a-f]+$/);
  await guest.fill('#name', 'Mira Olsson');
  await guest.fill('#email', 'mira@example.org');
  await guest.click('#on');
  await guest.waitForURL(/\/pay$/);
  await guest.check('#how-card');
  await guest.check('#card-ok');
  await guest.click('#on');
  await guest.waitForURL(/\/booking\/res_[a-z0-9]+$/);
  const [number, booking] = [await guest.locator('.number').innerText(), new URL(guest.url()).pathname];
  check('booked', /^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(number), number);
  await shot(guest, 'booked');

  // Checked in, and given a better room: the desk, by the number.
  const desk = await open();
  await enter(desk, '/desk', 'desk');
  await visit(desk, '/desk');
  await desk.locator('#find').fill(number);
  await desk.keyboard.press('Enter');
  await desk.locator('#found a').first().click();
  await desk.waitForURL(/\/desk\/r\/res_/);
  const sheet = new URL(desk.url()).pathname;
  const did = (verb) => desk.waitForURL((at) => at.searchParams.get('did')?.startsWith(verb));
  check('the sheet is the guest\'s', (await desk.locator('h1').innerText()).includes('Olsson'));
  await Promise.all([did('check-in.'), desk.keyboard.press('i')]);
  check('checked in', (await desk.locator('.sheet-head .chip').first().innerText()).includes('In house'));
  await desk.keyboard.press('m');
  const better = await desk.locator('#move-room optgroup[label*="upgrade"] option').first().innerText();
  await desk.locator('#move-room').selectOption(better);
  await Promise.all([did('move.'), desk.locator('.act[open] .button').click()]);
  check('upgraded', (await desk.locator('.sheet-head').innerText()).includes('upgraded from') && (await desk.locator('.room-name').innerText()) === better);
  await shot(desk, 'upgraded');

  // The day is closed; who is left is dealt with first.
  async function close() {
    await desk.goto('/desk/audit');
    for (const verb of ['no-shows', 'check-outs']) {
      const form = desk.locator(`form[action$="/${verb}"]`);
      if ((await form.count()) === 0) continue;
      await form.locator('button').click();
      await desk.locator('.audit-results').waitFor();
    }
    const before = await desk.locator('#business-date').getAttribute('data-date');
    await desk.locator('button.main:not([aria-disabled])').click();
    await desk.locator('.audit-done').waitFor();
    const after = await desk.locator('#business-date').getAttribute('data-date');
    return check(`the day is closed: ${before}`, Date.parse(after) - Date.parse(before) === DAY_MS, { before, after });
  }
  await close();
  await desk.goto(sheet);
  await Promise.all([did('check-out.'), desk.keyboard.press('o')]);
  const folio = await desk.locator('main').innerText();
  check('checked out, with the night on the folio at the price agreed', (await desk.locator('.sheet-head .chip').first().innerText()).includes('Departed') && folio.includes('129.00'), folio);
  const history = await desk.locator('.events').innerText();
  for (const words of ['Checked in', 'Moved to room', 'Checked out']) check(`the history says: ${words}`, history.includes(words));
  check('and nothing that it does not know', !history.includes('—'), history);
  await axe(desk, 'the sheet of a stay that is over');
  await shot(desk, 'departed');
  await close();
  await shot(desk, 'closed');

  await guest.goto(booking);
  check('the guest sees the end of it', (await guest.locator('.number').innerText()) === number);
  const ops = await open();
  await enter(ops, '/ops', 'operator');
  await visit(ops, `/ops/trace/${number}`);
  const trace = new URL(ops.url());
  check('the operators see it through all services', (await ops.locator('.line').count()) >= 12 && trace.pathname.startsWith('/ops/trace/res_'), trace.pathname);
  await shot(ops, 'trace');

  // What each page cannot do without, as people call it. A row of the console says it in its own words.
  const stay = `/hotels/DEMO/stay?from=${day(9)}&to=${day(11)}&adults=2&children=0`;
  const needs = [
    [guest, '/', ['hotels']], [guest, stay, ['hotels', 'inventory']], [guest, booking, ['reservations']], [guest, '/manage', ['hotels']], [guest, '/help', []],
    [desk, '/desk', ['stays', 'inventory']], [desk, '/desk/tape?nights=14', ['stays', 'inventory']], [desk, '/desk/arrivals', ['stays']],
    [desk, '/desk/in-house', ['stays']], [desk, '/desk/departures', ['stays']], [desk, '/desk/rooms', ['stays']],
    [desk, '/desk/availability', ['inventory']], [desk, `/desk/availability/${day(9)}`, ['stays']], [desk, '/desk/walk-in', ['stays', 'inventory', 'hotels']],
    [desk, '/desk/audit', ['stays', 'inventory']], [desk, '/desk/find', []], [desk, sheet, ['reservations', 'stays', 'payments', 'guests', 'inventory']],
    [ops, '/ops', []], [ops, '/ops/breakers', []], [ops, '/ops/feeds', []], [ops, '/ops/sagas', []], [ops, '/ops/throughput', []], [ops, trace.pathname + trace.search, []],
  ];
  // Both have been looked at before: what a front end remembers is not what it asks for.
  for (const [service, name] of Object.entries(SERVICES)) {
    await api('/ops/demo/faults', { service, fault: 'stopped', seconds: 600 });
    for (const [page, path, of] of needs) {
      const answer = await page.context().request.get(path, { headers: { accept: 'text/html' } });
      const text = await answer.text();
      // A page of which nothing is left says so with the status for it.
      const whole = answer.status() === 200 || (answer.status() === 503 && of.includes(service) && page === guest);
      const names = text.includes(`${name} is not answering`) || text.includes(`${name} are not answering`);
      check(`without ${service}: ${path.split('?')[0]} answers${of.includes(service) ? ' and says so' : ''}`, whole && (names || !of.includes(service)), { status: answer.status(), names });
    }
    const [at, who] = { hotels: ['/', guest], inventory: ['/desk/availability', desk], reservations: [sheet, desk], stays: ['/desk', desk], payments: ['/ops', ops], guests: [sheet, desk] }[service];
    await who.goto(at);
    await axe(who, `${at} without ${service}`);
    await shot(who, `without-${service}`);
    await api('/ops/demo/faults', { service, fault: 'none' });
    // Breakers close after a probe or two: what comes next is about the next service.
    const [asks, whole] = needs.find(([, , of]) => of.includes(service));
    const isBack = async () => !((await (await asks.context().request.get(whole, { headers: { accept: 'text/html' } })).text()).includes(`${name} is not`) || (await (await asks.context().request.get(whole)).text()).includes(`${name} are not`));
    const until = Date.now() + 60_000;
    let back = false;
    while (!back && Date.now() < until) { back = await isBack(); if (!back) await new Promise((go) => setTimeout(go, 250)); }
    check(`${service} is back`, back);
  }
}
