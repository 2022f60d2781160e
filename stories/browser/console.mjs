// An operator's quarter of an hour: payments stop, bookings wait, the breaker opens on the screen, the wire heals, every saga
// ends and the breaker closes. Then every page for everybody: light, dark, phone, German, without JavaScript.
const FEW = ['/ops', '/ops/sagas?state=ended'];
const PAGES = [...FEW, '/ops/breakers', '/ops/feeds', '/ops/sagas', '/ops/trace', '/ops/throughput'];

export default async function ({ open, visit, axe, shot, check, url }) {
  const enter = (page) => page.request.post(`${url}/ops/login`, { form: { role: 'operator', name: 'ops', next: '/ops' }, headers: { origin: url } });
  const json = async (page, at) => (await page.request.get(`${url}${at}`, { headers: { accept: 'application/json' } })).json();

  const page = await open();
  await enter(page);
  await visit(page, '/ops');
  await page.locator('#freshness', { hasText: 'Live' }).waitFor();
  const services = page.locator('[data-live="services"]');
  check('every service is well', (await services.locator('.how.ok').count()) === 6);

  const payments = page.locator('[data-live="broken"] tr[data-key="payments"]');
  await payments.getByLabel('How long for payments').selectOption('180');
  await payments.getByRole('button', { name: 'Stop payments' }).click();
  await services.locator('tr[data-key="payments"] .how.urgent').waitFor();
  check('the service that is in trouble comes first', (await services.locator('tr').first().getAttribute('data-key')) === 'payments');
  await page.getByRole('button', { name: 'Send 24 bookings' }).click();
  await services.locator('tr[data-key="payments"] .breaker.open').waitFor();
  check('its breaker opens on the screen', true);
  await shot(page, 'outage');
  await axe(page, '/ops with a dead service');

  await visit(page, '/ops/sagas');
  await page.locator('tbody .step.running').first().waitFor();
  const waiting = await json(page, '/ops/sagas');
  const row = waiting.rows.find((row) => row.kind === 'book');
  check('bookings wait', waiting.rows.length >= 20 && row.steps[0].state === 'done', row);
  await axe(page, '/ops/sagas with open ones');
  await shot(page, 'waiting');
  await visit(page, `/ops/trace/${row.subject}?hotel=${row.partition}`);
  check('the timeline names the gap', (await page.locator('.missing').innerText()).includes('payments not answering'));
  check('the booking is pending', (await page.locator('[data-live="now"] .chip').innerText()).includes('Not confirmed yet'));
  await axe(page, 'a timeline with a gap');
  await shot(page, 'gap');
  await visit(page, `/ops/sagas/${row.saga}?service=${row.service}`);
  check('a verb says its effect before', (await page.locator('.undoes').innerText()).includes('gives the nights back'));
  await page.getByRole('textbox', { name: 'Reason' }).first().fill('the provider says it is back');
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.getByText('the provider says it is back').first().waitFor();
  check('what an operator has said is shown', true);
  await axe(page, 'a saga');
  await shot(page, 'saga');

  await visit(page, '/ops');
  await payments.getByRole('button', { name: 'Heal payments' }).click();
  await services.locator('tr[data-key="payments"] .how:not(.urgent)').waitFor({ timeout: 40_000 });
  await visit(page, '/ops/sagas');
  await page.getByText('No saga is open').waitFor({ timeout: 40_000 });
  check('every saga ends', true);
  await visit(page, '/ops/breakers');
  await page.locator('tr[data-key="payments"] .breaker.closed').waitFor({ timeout: 40_000 });
  check('the breaker closes', true);
  await visit(page, `/ops/trace/${row.subject}?hotel=${row.partition}`);
  await page.locator('[data-live="now"] .chip', { hasText: 'Confirmed' }).waitFor();
  check('the timeline has all of it', (await page.locator('.missing').count()) === 0 && (await page.locator('.line').count()) >= 8);
  const first = page.locator('.line summary').first();
  await first.click();
  check('a line opens its event', (await page.locator('.line[open] .raw').innerText()).includes('"Requested"'));
  await shot(page, 'timeline');

  await visit(page, '/ops/breakers');
  const inventory = page.locator('tr[data-key="inventory"]');
  await inventory.getByText('Switch…').click();
  await inventory.getByLabel('Reason').fill('a drill');
  await inventory.getByRole('button', { name: 'Hold open' }).click();
  await inventory.getByText('“a drill”').waitFor();
  check('who holds it and why is shown', (await inventory.locator('.breaker').innerText()).includes('held open'));
  await inventory.getByText('Switch…').click();
  await inventory.getByRole('button', { name: 'Automatic' }).click();
  await inventory.getByText('“a drill”').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await page.waitForURL('**/ops/feeds');
  check('g f goes to the feeds', true);

  for (const traits of [[], ['dark'], ['phone'], ['german'], ['scriptless']]) {
    const look = traits.join('-') || 'desktop';
    const page = await open(...traits);
    await enter(page);
    for (const at of traits.length === 0 || look === 'dark' ? PAGES : FEW) {
      const seen = await visit(page, at);
      check(`${at} is there (${look})`, seen.status === 200, seen.status);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(`${at} does not scroll sideways (${look})`, overflow <= 0, overflow);
      if (look === 'desktop' || look === 'dark') await axe(page, `${at} (${look})`);
      if (look !== 'dark') await shot(page, `${look}${at.replace(/\W+/g, '-')}`);
    }
    await page.context().close();
  }
}
