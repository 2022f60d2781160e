// The tape chart: bars of the demonstration, rooms given by keys and by dragging, what other desks do, a cut connection.
const CHART = '/desk/tape?nights=14';

async function desk(open, visit, name, path = CHART, ...traits) {
  const page = await open(...traits);
  await page.context().request.post('/desk/login', { form: { role: 'desk', name, next: '/desk' } });
  const seen = await visit(page, path);
  return { page, seen };
}
const ready = (page) => page.locator('#chart[data-ready]').waitFor();
const bar = (page, id) => page.locator(`.bar[data-id="${id}"]`);
// A bar that is just drawn anew stands in no row for a moment.
const roomOf = async (page, id) => (await page.waitForFunction((id) => document.querySelector(`.line .bar[data-id="${id}"]`)?.closest('.line').querySelector('.label .clip').textContent, id)).jsonValue();

// Each row's label and cells, as assistive technology counts them.
const tiling = (page) => page.evaluate(() => [...document.querySelectorAll('#rows .line')].map((line) => {
  let at = 2;
  for (const cell of [...line.children].slice(1)) {
    if (Number(cell.ariaColIndex) !== at) return `${line.innerText}: column ${cell.ariaColIndex} where ${at} is next`;
    at += Number(cell.getAttribute('aria-colspan') ?? 1);
  }
  return at === Number(document.getElementById('chart').ariaColCount) + 1 ? '' : `${line.innerText}: ends at ${at}`;
}).filter(Boolean));

// Bars without a room whose nights are free in an empty row below, and that row.
const planned = (page) => page.evaluate(() => [...document.querySelectorAll('.bar.future.planned')].map((e) => e.dataset.id));
const emptyRoom = (page) => page.evaluate(() => {
  const low = document.getElementById('strip').getBoundingClientRect().top;
  const rows = [...document.querySelectorAll('#rows .line.room')].filter((line) => !line.querySelector('.bar') && line.getBoundingClientRect().bottom < low);
  return rows.map((line) => line.querySelector('.label .clip').textContent)[0];
});
const middle = async (locator) => { const { x, y, width, height } = await locator.boundingBox(); return [x + width / 2, y + height / 2]; };

export default async function ({ open, visit, axe, shot, check, allow }) {
  for (const traits of [[], ['dark']]) {
    const look = traits.join('-') || 'light';
    const { page, seen } = await desk(open, visit, 'ana', CHART, ...traits);
    await ready(page);
    check(`the chart is there (${look})`, seen.status === 200 && (await page.locator('.bar').count()) > 20, seen);
    check(`it does not jump (${look})`, seen.cls < 0.02, seen.cls);
    check(`it is at most 120 kB (${look})`, seen.bytes <= 120_000, seen.bytes);
    const holes = await tiling(page);
    check(`every row is tiled (${look})`, holes.length === 0, holes);
    check(`there are few nodes (${look})`, (await page.locator('#rows *').count()) < 1_500, await page.locator('#rows *').count());
    await axe(page, `tape chart (${look})`);
    await shot(page, `tape-${look}`, { fullPage: false });
    await page.context().close();
  }

  const { page } = await desk(open, visit, 'ana');
  const other = (await desk(open, visit, 'rui')).page;
  await Promise.all([ready(page), ready(other)]);
  const [byKey, byHand, meanwhile] = await planned(page);

  // By keys: the planned room becomes the room, the other desk sees it, and nobody reloads.
  await other.evaluate((id) => {
    window.seenAt = new Promise((go) => new MutationObserver(() => { const e = document.querySelector(`.bar[data-id="${id}"]`); if (e && !e.classList.contains('planned')) go(Date.now()); }).observe(document.getElementById('rows'), { subtree: true, childList: true, attributes: true }));
  }, byKey);
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/desk/tape/assign'));
  await bar(page, byKey).focus();
  await page.keyboard.press('a');
  const answer = await (await answered).json();
  const answeredAt = Date.now();
  check('a room is given by one key', answer.came === 'done', answer);
  await page.locator(`.bar[data-id="${byKey}"]:not(.planned)`).waitFor();
  const took = (await other.evaluate(() => window.seenAt)) - answeredAt;
  // Usually below 200 ms; a loaded machine is no fault of the page.
  check('another desk sees it at once', took < 2_000, { ms_after_the_answer: took });
  check('the focus stays where it was', (await page.evaluate(() => document.activeElement.dataset.id)) === byKey);
  await page.locator('.toast button', { hasText: 'Undo' }).click();
  await page.locator(`.bar[data-id="${byKey}"].planned`).waitFor();
  check('undone, it is planned only', true);

  // By the pointer: down to an empty room. The row that is dragged over shows where it would be.
  const to = await emptyRoom(page);
  // Rows are drawn anew while it scrolls, so there is no one element to hold on to.
  await page.evaluate((id) => document.querySelector(`.bar[data-id="${id}"]`)?.scrollIntoView({ block: 'nearest' }), byHand);
  await bar(page, byHand).waitFor();
  // What is planned is planned anew while changes come in: the pointer goes where the bar is.
  const there = await page.waitForFunction((id) => {
    const one = document.querySelector(`#rows .bar[data-id="${id}"]`)?.getBoundingClientRect();
    const at = one && [one.x + one.width / 2, one.y + one.height / 2];
    return at && document.elementFromPoint(...at)?.closest('.bar')?.dataset.id === id && at;
  }, byHand);
  const [x, y] = await there.jsonValue();
  const line = page.locator('#rows .line.room', { has: page.locator(`.label .clip:text-is("${to}")`) });
  const [, toY] = await middle(line.locator('.label'));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, (y + toY) / 2, { steps: 4 });
  await page.mouse.move(x, toY, { steps: 4 });
  await page.locator('.ghost:not([hidden])').waitFor();
  check('the strip says where it would be', (await page.locator('#strip').innerText()).includes(to), await page.locator('#strip').innerText());
  await shot(page, 'tape-dragging', { fullPage: false });
  await page.mouse.up();
  await page.locator(`.bar[data-id="${byHand}"]:not(.planned):not(.pending)`).waitFor();
  check('what is dropped is where it was dropped', (await roomOf(page, byHand)) === to, { room: await roomOf(page, byHand), to });
  await other.locator(`.bar[data-id="${byHand}"]:not(.planned)`).waitFor();
  check('and there on the other desk', (await roomOf(other, byHand)) === to);

  // Keys move too: a ghost, text, Enter; Esc leaves everything as it was.
  await bar(page, byHand).focus();
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  await page.locator('.ghost:not([hidden])').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.ghost').waitFor({ state: 'hidden' });
  check('Esc leaves everything as it was', (await roomOf(page, byHand)) === to);

  // A cut connection: what happened meanwhile is there once it is back, without a reload.
  const cut = await open();
  await cut.clock.install();
  await cut.context().request.post('/desk/login', { form: { role: 'desk', name: 'eva', next: '/desk' } });
  await visit(cut, CHART);
  await ready(cut);
  await cut.locator('#freshness.ok').waitFor();
  await cut.evaluate(() => { window.sameDocument = true; });
  allow(cut, /desk\/live/);
  await cut.route('**/desk/live*', (route) => route.abort());
  await cut.clock.fastForward(61_000);
  await cut.locator('#freshness.warn').waitFor();
  await bar(page, meanwhile).focus();
  await page.keyboard.press('a');
  await page.locator(`.bar[data-id="${meanwhile}"]:not(.planned):not(.pending)`).waitFor();
  check('a cut desk says that it is paused', await bar(cut, meanwhile).evaluate((e) => e.classList.contains('planned')));
  await cut.unroute('**/desk/live*');
  await cut.clock.fastForward(4_000);
  await cut.locator(`.bar[data-id="${meanwhile}"]:not(.planned)`).waitFor();
  check('and shows the present once it is back', await cut.evaluate(() => window.sameDocument === true));

  // Without scripts and on a phone it is a list by room.
  for (const traits of [['scriptless'], ['phone'], ['phone', 'german']]) {
    const { page: plain } = await desk(open, visit, 'ana', CHART, ...traits);
    const look = traits.join('-');
    await plain.locator('.tonight table').waitFor();
    check(`a list stands in for the chart (${look})`, !(await plain.locator('#box').isVisible()) && (await plain.locator('.tonight tbody tr').count()) > 20);
    await axe(plain, `tonight by room (${look})`);
    await shot(plain, `tape-${look}`, { fullPage: false });
  }
}
