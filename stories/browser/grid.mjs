// Availability: limits are typed into the grid by keys, one and a range, and a second desk sees them. The rack: a room is cleaned
// on a phone.
const GRID = '/desk/availability';

async function desk(open, visit, role, path, ...traits) {
  const page = await open(...traits);
  await page.context().request.post('/desk/login', { form: { role, name: 'rui', next: '/desk' } });
  const seen = await visit(page, path);
  return { page, seen };
}
const cell = (page, type, n) => page.locator(`#grid tr[data-type="${type}"] td:nth-of-type(${n})`);
const limit = (page, type, n) => cell(page, type, n).locator('.limit').innerText();
const has = (page, type, n, to) => page.waitForFunction(([type, n, to]) => document.querySelector(`#grid tr[data-type="${type}"] td:nth-of-type(${n}) .limit`).textContent === to, [type, n, '/' + to]);
const saved = (page) => page.waitForResponse((answer) => answer.url().endsWith('/availability/limits')).then((answer) => answer.json());
const focused = (page) => page.evaluate(() => { const td = document.activeElement.closest('td'); return td && [td.parentElement.dataset.type, td.cellIndex]; });

export default async function ({ open, visit, axe, shot, check }) {
  const looks = [[["light"], []], [['dark'], ['dark']], [['phone'], ['phone']], [['german'], ['phone', 'german']], [['plain'], ['scriptless']]];
  for (const [[look], traits] of looks) {
    for (const [name, path] of [['availability', `${GRID}?nights=31`], ['rooms', '/desk/rooms']]) {
      const { page, seen } = await desk(open, visit, 'revenue', path, ...traits);
      check(`${name} is there and at most 80 kB (${look})`, seen.status === 200 && seen.bytes <= 80_000, seen);
      await axe(page, `${name} (${look})`);
      await shot(page, `${name}-${look}`);
      await page.context().close();
    }
  }

  const { page } = await desk(open, visit, 'revenue', GRID);
  const { page: other } = await desk(open, visit, 'desk', GRID);
  await page.locator('#grid[role=grid]').waitFor();
  await Promise.all([page, other].map((p) => p.locator('#freshness.ok').waitFor()));
  const types = await page.locator('#grid tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.type));
  const type = types[1];

  // One cell: the arrows walk, typing edits, Enter saves, the other desk sees it.
  await cell(page, types[0], 1).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  check('arrows walk the grid', JSON.stringify(await focused(page)) === JSON.stringify([type, 2]), await focused(page));
  const one = saved(page);
  await page.keyboard.type('19');
  await page.keyboard.press('Enter');
  check('one cell is saved by Enter', (await one).came === 'done', await one);
  await has(page, type, 2, '19');
  await page.locator('#said', { hasText: '1' }).waitFor();
  check('it is marked as saved, and the focus has stayed', (await cell(page, type, 2).getAttribute('class')).includes('saved') && JSON.stringify(await focused(page)) === JSON.stringify([type, 2]));
  await has(other, type, 2, '19');
  check('the other desk sees it', true);

  // A range: Shift and arrows, one number, one command.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  check('a range is chosen', (await page.locator('#grid td[aria-selected=true]').count()) === 3);
  const range = saved(page);
  await page.keyboard.press('F2');
  await page.keyboard.type('18');
  await page.keyboard.press('Enter');
  check('a range is saved as one', (await range).came === 'done' && (await range).href.includes('did=limits.3'), await range);
  for (const n of [3, 4, 5]) await has(other, type, n, '18');
  check('and seen on the other desk', true);

  // Esc restores; what is no number is not taken.
  await page.keyboard.press('Home');
  const before = await limit(page, type, 1);
  await page.keyboard.press('Enter');
  await page.keyboard.type('7');
  await page.keyboard.press('Escape');
  check('Esc restores what was there', (await limit(page, type, 1)) === before && (await page.locator('#grid input').count()) === 0);

  // What was left with Tab is kept as not saved; what others set stands beside it.
  await page.keyboard.press('Enter');
  await page.keyboard.type('21');
  await page.keyboard.press('Tab');
  await cell(page, type, 1).and(page.locator('.dirty')).waitFor();
  check('what is not saved says so', await page.locator('#batch').isVisible());
  await shot(page, 'availability-dirty');
  await axe(page, 'availability with changes that are not saved');
  const { page: third } = await desk(open, visit, 'revenue', GRID);
  await third.locator('#grid[role=grid]').waitFor();
  await cell(third, type, 1).focus();
  await third.keyboard.type('22');
  await third.keyboard.press('Enter');
  await cell(page, type, 1).locator('.theirs', { hasText: '22' }).waitFor();
  check('what others set stands beside what is typed', (await limit(page, type, 1)) === '/21');
  await page.locator('#batch-drop').click();
  await has(page, type, 1, '22');

  // Below what is sold: asked once, then marked.
  const sold = Number(await cell(page, type, 2).locator('a').innerText());
  check('something is sold', sold > 1, sold);
  await cell(page, type, 2).focus();
  await page.keyboard.type('1');
  await page.keyboard.press('Enter');
  await page.locator('#sure[open]').waitFor();
  await axe(page, 'the question before a night is oversold');
  await page.locator('#sure button[value=yes]').click();
  await cell(page, type, 2).locator('b.urgent').waitFor();
  check('a night below what is sold is marked', (await limit(page, type, 2)) === '/1');
  await shot(page, 'availability-oversold');

  // The desk reads and does not write; a number opens its list.
  await cell(other, type, 2).focus();
  await other.keyboard.type('5');
  check('the desk only reads', (await other.locator('#grid input').count()) === 0 && (await cell(other, type, 2).getAttribute('aria-readonly')) === 'true');
  await other.keyboard.press(' ');
  await other.waitForURL('**/availability/2*');
  check('a number opens its list', (await other.locator('tbody tr').count()) >= sold, { rows: await other.locator('tbody tr').count(), sold });
  await axe(other, 'the list of a night');
  await shot(other, 'night');

  // Without a script a form does the same.
  const { page: plain } = await desk(open, visit, 'revenue', GRID, 'scriptless');
  await plain.locator('#set-type').selectOption(type);
  await plain.locator('#set-limit').fill('20');
  await plain.locator('#set-reason').fill('as before');
  await plain.locator('#limits-form button').click();
  await plain.locator('#notice').waitFor();
  check('a form sets limits without a script', (await limit(plain, type, 3)) === '/20');

  // A room on the phone: dirty and clean again with the thumb, seen at the desk.
  const { page: phone } = await desk(open, visit, 'desk', '/desk/rooms?only=clean', 'phone');
  const { page: rack } = await desk(open, visit, 'desk', '/desk/rooms');
  await Promise.all([phone, rack].map((p) => p.locator('#freshness.ok').waitFor()));
  const free = phone.locator('.room.clean').first();
  const room = await free.getAttribute('data-key');
  const { height } = await free.boundingBox();
  check('a row is a thumb high', height >= 64, height);
  await free.locator('button').tap();
  await rack.locator(`.room.dirty[data-key="${room}"]`).waitFor();
  await phone.locator(`[data-key="${room}"]`).waitFor({ state: 'detached' });
  check('a dirty room leaves the list of the clean ones, and the desk sees it', true);
  await shot(rack, 'rooms-dirty');
  await visit(phone, '/desk/rooms?only=dirty');
  await phone.locator(`[data-key="${room}"] button`).tap();
  await rack.locator(`.room.clean[data-key="${room}"]`).waitFor();
  check('cleaned on the phone, it is clean at the desk', true);
  // Several at once.
  const were = await rack.locator('.room.dirty').count();
  for (const n of [0, 1, 2]) await rack.locator('.room.clean input').nth(n).check();
  await rack.locator('button[name=condition][value=dirty]').click();
  await rack.waitForFunction((were) => document.querySelectorAll('.room.dirty').length === were + 3, were);
  check('three rooms are one press', (await rack.locator('.room input:checked').count()) === 0);
}
