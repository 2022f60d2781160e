// What a scenario is given: a browser, pages that are watched, and ways to look at them.
//
//   open(...traits)      a page of its own context, watched. Traits: phone (390 × 844, touch; else 1440 × 900), dark, still
//                        (reduced motion), german, scriptless; or an object of Playwright's own context options.
//   visit(page, path)    goes there, waits until all of it has come, says {status, bytes, requests, fcp, lcp, cls}
//   axe(page, name)      a check that fails with every WCAG 2.2 A and AA violation it finds
//   shot(page, name)     a screenshot in --out, of the whole page unless {fullPage: false}
//   check(name, ok, detail)   one line of the report; returns ok
//   allow(page, pattern) trouble on this page that is part of the story, such as the answer 409
//   browser, url         Playwright's browser, and the house
//
// What goes wrong on a page without being asked (an error in the console or a script, an answer of 400 or more, a request that
// fails, what the content security policy forbids) fails the scenario. Wait for conditions (locators wait by themselves), never
// for a time.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { auditor } from './axe.mjs';
import { measured, watched } from './watch.mjs';

const TRAITS = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  dark: { colorScheme: 'dark' },
  still: { reducedMotion: 'reduce' },
  german: { locale: 'de-DE' },
  scriptless: { javaScriptEnabled: false },
};
const PLAIN = { viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Vienna', colorScheme: 'light' };
// A loaded machine with two cores is slow; what does not come within this has not come.
const PATIENCE_MS = 20_000;
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

function program() {
  const installed = process.env.PATH.split(path.delimiter).map((dir) => path.join(dir, 'chromium'));
  const found = [process.env.CHROMIUM, ...installed].find((at) => at && existsSync(at));
  if (!found) throw new Error('there is no Chromium: run `cargo xtask servers`, or say in CHROMIUM where it is');
  return found;
}

export async function kit({ url, out, modules, check }) {
  const load = createRequire(path.resolve(modules, 'here.js'));
  const { chromium } = load('playwright-core');
  const browser = await chromium.launch({ executablePath: program(), headless: true, args: ARGS });
  const pages = [];

  async function open(...traits) {
    const chosen = traits.map((trait) => (typeof trait === 'string' ? TRAITS[trait] : trait));
    if (chosen.includes(undefined)) throw new Error(`no such trait among: ${traits.join(', ')}`);
    const options = { baseURL: url, ...PLAIN, ...Object.assign({}, ...chosen) };
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    pages.push(Object.assign(await watched(page, traits), { options }));
    return page;
  }

  const of = (page) => {
    const known = pages.find((known) => known.page === page);
    if (!known) throw new Error('only a page from open() is watched');
    return known;
  };
  const visit = (page, at) => measured(of(page), at, PATIENCE_MS);
  const allow = (page, pattern) => of(page).allowed.push(pattern);
  const axe = auditor(load.resolve('axe-core/axe.min.js'), check, scripted);
  const shot = (page, name, how = {}) =>
    page.screenshot({ path: path.join(out, `${name}.png`), fullPage: true, animations: 'disabled', ...how });

  // The page itself, or its double: the same document, in which only what judges it may run.
  async function scripted(page) {
    const { traits, options } = of(page);
    if (!traits.includes('scriptless')) return page;
    const storageState = await page.context().storageState();
    const double = await (await browser.newContext({ ...options, storageState, javaScriptEnabled: true })).newPage();
    const body = (await page.content()).replaceAll(/<\/?noscript>/g, '');
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "script-src 'none'" };
    await double.route('**', (route) => (route.request().isNavigationRequest() ? route.fulfill({ body, headers }) : route.continue()));
    await double.goto(page.url());
    return double;
  }

  async function shotsOfOpenPages(name) {
    for (const [at, { page }] of pages.entries()) {
      // The page may be what failed; the report says so already.
      if (!page.isClosed()) await shot(page, `${name}-${at + 1}`, { timeout: 5_000 }).catch(() => {});
    }
  }

  async function close() {
    for (const { troubles, allowed, name } of pages) {
      const found = troubles.filter((trouble) => !allowed.some((pattern) => pattern.test(trouble)));
      check(`no trouble on ${name()}`, found.length === 0, found);
    }
    await browser.close();
  }

  return { browser, url, open, visit, axe, shot, check, allow, shotsOfOpenPages, close };
}
