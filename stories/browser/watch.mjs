// A page that is listened to: what goes wrong on it, how many bytes it takes, when it is painted and how much it jumps.

// Runs in the page before anything of its own.
function observe() {
  const seen = { fcp: null, lcp: null, cls: 0 };
  const on = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  on('paint', (entry) => { if (entry.name === 'first-contentful-paint') seen.fcp = Math.round(entry.startTime); });
  on('largest-contentful-paint', (entry) => { seen.lcp = Math.round(entry.startTime); });
  on('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  Object.defineProperty(window, '__seen', { value: seen });
  document.addEventListener('securitypolicyviolation', (event) =>
    console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI}`));
}

// Begins to listen to a page.
export async function watched(page, traits) {
  const known = { page, traits, troubles: [], allowed: [], requests: new Map(), first: null };
  known.name = () => `${known.first ?? 'a page'}${traits.length ? ` (${traits.filter((t) => typeof t === 'string').join(', ')})` : ''}`;
  const trouble = (what) => known.troubles.push(`${new URL(page.url(), 'http://x').pathname}: ${what}`);
  page.on('console', (said) => { if (said.type() === 'error') trouble(`console: ${said.text()} ${said.location().url ?? ''}`.trim()); });
  page.on('pageerror', (error) => trouble(`script: ${error.stack ?? error}`));
  page.on('response', (answer) => { if (answer.status() >= 400) trouble(`answer ${answer.status()}: ${answer.url()}`); });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? 'failed';
    // Whoever leaves a page drops what it was still waiting for.
    if (why !== 'net::ERR_ABORTED') trouble(`request: ${why} ${request.url()}`);
  });
  if (!traits.includes('scriptless')) await page.addInitScript(observe);
  known.wire = await page.context().newCDPSession(page);
  known.wire.on('Network.requestWillBeSent', ({ requestId, loaderId, type, request }) =>
    // A data: address is not sent.
    request.url.startsWith('data:') || known.requests.set(requestId, { type, url: request.url, document: loaderId, bytes: 0, done: false }));
  const done = (take) => (event) => {
    const request = known.requests.get(event.requestId);
    if (request) { take(request, event); known.arrived?.(); }
  };
  known.wire.on('Network.loadingFinished', done((request, event) => { request.bytes = event.encodedDataLength; request.done = true; }));
  known.wire.on('Network.loadingFailed', done((request) => { request.done = true; }));
  await known.wire.send('Network.enable');
  await known.wire.send('Network.setCacheDisabled', { cacheDisabled: true });
  return known;
}

// Visits an address with a cold cache and says what it took. A stream of events never ends and is not waited for.
export async function measured(known, at, patience) {
  const { page } = known;
  known.first ??= new URL(at, 'http://x').pathname;
  known.requests.clear();
  const answer = await page.goto(at, { waitUntil: 'load' });
  // What the page before was still asking for is nobody's any more, and not always told of.
  const own = () => {
    const all = [...known.requests.values()];
    const document = all.findLast((request) => request.type === 'Document')?.document;
    return all.filter((request) => request.document === document);
  };
  const open = () => own().filter((request) => !request.done && request.type !== 'EventSource');
  await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${at} still waits for ${open().map((r) => r.url).join(', ')}`)), patience);
    known.arrived = () => { if (open().length === 0) { clearTimeout(late); resolve(); } };
    known.arrived();
  });
  const requests = own();
  const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
  const told = { status: answer.status(), bytes, requests: requests.length, fcp: null, lcp: null, cls: null };
  if (known.traits.includes('scriptless')) return told;
  // A page is judged when it has been painted, not before.
  await page.waitForFunction(() => window.__seen.fcp !== null && window.__seen.lcp !== null);
  return { ...told, ...(await page.evaluate(() => window.__seen)) };
}
