// Guests of the website: with a card that works, one that is declined, one whose bank's answer gets lost; two who want the last
// room; without JavaScript, on a phone, in the dark, in German, by keyboard alone. Every page is judged by axe and weighed.
const BYTES_MAX = 60_000;
const DAY_MS = 86_400_000;
const PAGES = { stay: /\/hotels\/.+\/stay/, you: /\/book\/[0-9a-f]+$/, pay: /\/pay$/, progress: /\/progress/, booking: /\/booking\/res_[a-z0-9]+$/ };
const ANA = { name: 'Ana Silva', email: 'ana@example.org' };

const date = (ahead) => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);
const stay = (ahead, nights = 2, adults = 2) => `/hotels/DEMO/stay?from=${date(ahead)}&to=${date(ahead + nights)}&adults=${adults}&children=0`;

export default async function ({ open, visit, axe, shot, check, allow }) {
  async function weighed(page, at, name) {
    const seen = await visit(page, at);
    check(`${name} weighs at most ${BYTES_MAX} bytes`, seen.bytes > 0 && seen.bytes <= BYTES_MAX, seen.bytes);
    check(`${name} does not jump`, seen.cls === null || seen.cls < 0.02, seen.cls);
    return seen;
  }
  async function judged(page, name) {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
    check(`${name} does not scroll sideways`, overflow <= 0, overflow);
    await axe(page, name);
    await shot(page, name.replaceAll(/\W+/g, '-'));
  }
  // From the offers to the payment.
  async function upToPay(page, at, look) {
    await weighed(page, at, `stay (${look})`);
    await judged(page, `stay (${look})`);
    await page.locator('form[action$="/choose"] button').first().click();
    await page.waitForURL(PAGES.you);
    await judged(page, `you (${look})`);
    await page.fill('#name', ANA.name);
    await page.fill('#email', ANA.email);
    await page.click('#on');
    await page.waitForURL(PAGES.pay);
    await judged(page, `pay (${look})`);
  }
  async function paid(page, how, card) {
    await page.check(`#how-${how}`);
    await page.check(`#card-${card}`);
    await page.click('#on');
  }
  const number = (page) => page.locator('.number').innerText();

  async function booksAndManages() {
    const page = await open();
    await weighed(page, '/', 'search (desktop)');
    await judged(page, 'search (desktop)');
    await upToPay(page, stay(40), 'desktop');
    await paid(page, 'card', 'ok');
    await page.waitForURL(PAGES.booking);
    check('a card that is accepted books', /^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(await number(page)), await number(page));
    check('what is reserved is said', (await page.locator('.ticket').innerText()).includes('€129.00 reserved'));
    await judged(page, 'booking (desktop)');
    const [booking, confirmation] = [page.url(), await number(page)];
    const entry = await (await page.request.get(`${booking}/stay.ics`)).text();
    check('the calendar entry is whole', entry.startsWith('BEGIN:VCALENDAR\r\n') && entry.includes('The Old Post House') && entry.endsWith('END:VCALENDAR\r\n'), entry);
    // Somebody else, who has the address and then the number.
    const other = await open();
    allow(other, /404/);
    check('a stranger does not see it', (await visit(other, booking)).status === 404 && !(await other.content()).includes(confirmation));
    await visit(other, '/manage');
    await judged(other, 'manage (desktop)');
    for (const email of ['bob@example.org', ANA.email]) {
      await other.fill('#number', confirmation);
      await other.fill('#email', email);
      await other.locator('main form button').click();
      await other.locator(email === ANA.email ? '.number' : '[role="alert"]').waitFor();
    }
    check('number and address open it', (await number(other)) === confirmation);
    await other.goto(`${booking}/change?from=${date(41)}&to=${date(44)}`);
    await judged(other, 'change (desktop)');
    check('the old and the new total are told', /€258\.00[^]*€387\.00/.test(await other.locator('section.ticket').innerText()));
    await other.locator('section.ticket button').click();
    await other.waitForURL(PAGES.booking);
    check('the dates are changed', (await other.locator('.ticket').innerText()).includes('3 nights'));
    await other.locator('a.danger').click();
    await judged(other, 'cancel (desktop)');
    check('the fee is told before', (await other.locator('.ticket').innerText()).includes('€0.00'));
    await other.locator('button.danger').click();
    await other.waitForURL(PAGES.booking);
    check('it is cancelled', (await other.locator('h1').innerText()) === 'This stay is cancelled');
    await judged(other, 'cancelled (desktop)');
    await visit(other, '/help');
    await judged(other, 'help (desktop)');
  }

  async function declinedThenPrepaid() {
    const page = await open('phone', 'dark');
    await weighed(page, '/', 'search (phone, dark)');
    await judged(page, 'search (phone, dark)');
    await upToPay(page, stay(50), 'phone, dark');
    await paid(page, 'card', 'declined');
    await page.locator('[role="alert"]').waitFor();
    const told = await page.locator('[role="alert"]').innerText();
    check('a declined card is told, and the room is held', /declined/.test(told) && /still held/.test(told), told);
    await judged(page, 'declined (phone, dark)');
    const small = await page.locator('main button:visible:not([aria-hidden]), main a.target:visible, header a:visible').evaluateAll((all) =>
      all.map((one) => [one.textContent.trim(), one.getBoundingClientRect().height]).filter(([, height]) => height < 44));
    check('targets are large enough for a thumb', small.length === 0, small);
    await paid(page, 'prepaid', 'slow');
    await page.waitForURL(PAGES.progress);
    await judged(page, 'progress (phone, dark)');
    await page.waitForURL(PAGES.booking);
    check('what is paid is said', (await page.locator('.ticket').innerText()).includes('€258.00 paid'));
    await judged(page, 'booking (phone, dark)');
  }

  async function lostAnswers() {
    const page = await open('german');
    await upToPay(page, stay(60), 'german');
    const pay = page.url();
    await paid(page, 'card', 'lost');
    await page.waitForURL(PAGES.booking);
    const first = await number(page);
    await judged(page, 'booking (german)');
    check('it is German', (await page.locator('h1').innerText()) === `Sie haben gebucht, ${ANA.name}`);
    // Back to the form, and forward again: the same booking.
    await page.goto(pay);
    await page.waitForURL(PAGES.booking);
    check('coming back leads to the same confirmation', (await number(page)) === first);
  }

  // The suite has two rooms a night: with one held, two want the other.
  async function raceForTheLast() {
    const [holder, ...rivals] = [await open(), await open(), await open()];
    const suite = (page) => page.getByRole('button', { name: 'Choose the Suite' });
    await visit(holder, stay(120));
    await suite(holder).click();
    await holder.waitForURL(PAGES.you);
    for (const page of rivals) {
      await visit(page, stay(120));
      check('scarcity is told when it is true', (await page.locator('.offer', { hasText: 'Suite' }).innerText()).includes('Only 1 left'));
    }
    await Promise.all(rivals.map(async (page) => {
      await suite(page).click();
      await page.waitForURL((url) => PAGES.you.test(url.pathname) || url.searchParams.has('lost'));
    }));
    const lost = rivals.filter((page) => page.url().includes('lost='));
    check('one of two gets the last room', lost.length === 1, rivals.map((page) => page.url()));
    if (lost.length !== 1) return;
    const told = await lost[0].locator('[role="alert"]').innerText();
    check('the other is told, with what is left', told.startsWith('The last Suite') && (await lost[0].locator('.offer.free').count()) > 0, told);
    await judged(lost[0], 'lost (desktop)');
  }

  async function withoutScripts() {
    const page = await open('scriptless', 'phone');
    await upToPay(page, stay(70), 'scriptless');
    await page.locator('#keep').click();
    await page.waitForURL(PAGES.pay);
    await paid(page, 'prepaid', 'slow');
    await page.waitForURL(PAGES.booking);
    check('booking works without JavaScript', /-/.test(await number(page)));
    await judged(page, 'booking (scriptless)');
  }

  async function byKeyboard() {
    const page = await open('still');
    allow(page, /422/);
    await visit(page, '/');
    await page.keyboard.press('Tab');
    check('the first stop skips to the content', (await page.evaluate(() => document.activeElement.className)) === 'skip');
    const until = async (selector) => {
      for (let n = 0; n < 60; n += 1) {
        if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not reach ${selector}`);
    };
    await until('form.wish button');
    await page.keyboard.press('Enter');
    await page.waitForURL(PAGES.stay);
    await until('.calendar a.day');
    const day = () => page.evaluate(() => document.activeElement.dataset.date);
    const before = await day();
    await page.keyboard.press('ArrowRight');
    check('arrows walk over the days', Date.parse(await day()) - Date.parse(before) === DAY_MS, [before, await day()]);
    await visit(page, stay(80));
    await until('form[action$="/choose"] button');
    await page.keyboard.press('Enter');
    await page.waitForURL(PAGES.you);
    await until('#on');
    await page.keyboard.press('Enter');
    await page.locator('.problems').waitFor();
    check('the summary of mistakes has the focus', await page.evaluate(() => document.activeElement.classList.contains('problems')));
    check('the title says so', (await page.title()).startsWith('Error: '));
    await judged(page, 'problems (keyboard)');
    await until('#name');
    await page.keyboard.type(ANA.name);
    await page.keyboard.press('Tab');
    await page.keyboard.type(ANA.email);
    await page.keyboard.press('Enter');
    await page.waitForURL(PAGES.pay);
    await until('#on');
    await page.keyboard.press('Enter');
    await page.waitForURL(PAGES.booking);
    check('booking works by keyboard alone', /-/.test(await number(page)));
  }

  await booksAndManages();
  await Promise.all([declinedThenPrepaid(), lostAnswers()]);
  await Promise.all([raceForTheLast(), withoutScripts()]);
  await byKeyboard();
}
