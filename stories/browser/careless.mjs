// Pages with one fault each, and one without: what the browser tests must notice. Its test knows which checks have to fail.
import { createServer } from 'node:http';

const page = (body, head = '') =>
  `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><title>Careless</title><link rel="icon" href="data:,">${head}</head><body><main><h1>Careless</h1>${body}</main></body></html>`;
const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';
const STRICT = "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'";
const PAGES = {
  '/well': { body: page(`<p>Nothing is wrong here.</p><img src="${PIXEL}" alt="">`) },
  '/without-alt': { body: page(`<img src="${PIXEL}">`) },
  '/too-pale': { body: page('<p style="color: #bbb; background: #fff">Who can read this?</p>'), csp: '' },
  '/missing-asset': { body: page('', '<link rel="stylesheet" href="/not-there.css">') },
  '/console-error': { body: page('<p>Hm.</p>', '<script src="/complain.js"></script>') },
  '/script-error': { body: page('<p>Hm.</p>', '<script src="/throw.js"></script>') },
  '/forbidden': { body: page('<p>Hm.</p><script>document.title = "inline"</script>') },
  '/cut-off': { body: page('<p>Hm.</p>', '<script src="/cut.js"></script>') },
  '/complain.js': { body: 'console.error("complaint")', type: 'text/javascript' },
  '/throw.js': { body: 'throw new Error("thrown")', type: 'text/javascript' },
  '/jump.js': { body: 'requestAnimationFrame(() => requestAnimationFrame(() => { document.querySelector("p").style.marginTop = "300px"; window.jumped = true; }))', type: 'text/javascript' },
  '/jumping': { body: page('<p>This text is pushed down after it was painted.</p>', '<script src="/jump.js" defer></script>'), csp: '' },
};

function serve() {
  const server = createServer((request, response) => {
    const found = PAGES[request.url];
    if (request.url === '/cut.js') return request.socket.destroy();
    const headers = { 'content-type': found?.type ?? 'text/html; charset=utf-8', 'content-security-policy': found?.csp ?? STRICT };
    return response.writeHead(found ? 200 : 404, headers).end(found?.body ?? 'not there');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

// A trait that does nothing would let every page pass in it.
async function traits({ open, visit, check }, at) {
  const look = () => ({
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    still: matchMedia('(prefers-reduced-motion: reduce)').matches,
    touch: navigator.maxTouchPoints > 0,
    language: navigator.language,
    width: innerWidth,
    height: innerHeight,
  });
  const plain = { dark: false, still: false, touch: false, language: 'en-GB', width: 1440, height: 900 };
  const all = { dark: true, still: true, touch: true, language: 'de-DE', width: 390, height: 844 };
  for (const [chosen, wanted] of [[[], plain], [['phone', 'dark', 'still', 'german'], all]]) {
    const page = await open(...chosen);
    await visit(page, at);
    const seen = await page.evaluate(look);
    check(`traits: ${chosen.join(', ') || 'none'}`, JSON.stringify(seen) === JSON.stringify(wanted), seen);
    await page.context().close();
  }
}

export default async function ({ open, visit, axe, check, allow }) {
  const server = await serve();
  const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
  for (const path of Object.keys(PAGES).filter((path) => !path.endsWith('.js') && path !== '/jumping')) {
    const page = await open();
    await visit(page, at(path));
    await axe(page, path);
  }
  const jumping = await open();
  await visit(jumping, at('/jumping'));
  await jumping.waitForFunction(() => window.jumped && window.__seen.cls > 0);
  check('a jump is measured', true);
  const answered = await open();
  allow(answered, /404/);
  const { status, bytes } = await visit(answered, at('/nowhere'));
  check('an expected 404 is no trouble', status === 404 && bytes > 0, { status, bytes });
  const scriptless = await open('scriptless');
  await visit(scriptless, at('/without-alt'));
  await axe(scriptless, 'a page without JavaScript');
  await traits({ open, visit, check }, at('/well'));
  server.close();
}
