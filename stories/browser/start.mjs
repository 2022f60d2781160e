// The start page and the page of all commands and queries: they load, and everybody can read them.
export default async function ({ open, visit, axe, shot, check }) {
  for (const traits of [[], ['dark'], ['phone'], ['phone', 'dark']]) {
    const page = await open(...traits);
    const look = traits.join('-') || 'desktop';
    for (const [at, name, heading] of [['/', 'start', 'Find a room'], ['/api', 'api', 'Commands and queries']]) {
      const seen = await visit(page, at);
      check(`${at} is there (${look})`, seen.status === 200, seen);
      check(`${at} says what it is (${look})`, (await page.locator('h1').innerText()) === heading);
      check(`${at} does not jump (${look})`, seen.cls < 0.1, seen.cls);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(`${at} does not scroll sideways (${look})`, overflow <= 0, overflow);
      await axe(page, `${at} (${look})`);
      await shot(page, `${name}-${look}`);
    }
    await page.context().close();
  }
}
