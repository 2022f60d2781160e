// Plays one scenario in a real browser: `node run.mjs SCENARIO --url URL --out DIR [--modules DIR] [--seconds N]`.
//
// SCENARIO is a file beside this one, without `.mjs`. Its default export is called with what kit.mjs offers. Every check is
// one line of JSON on stdout, `{ok, name, detail}`; the exit code is 0 when all of them are well.
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { kit } from './kit.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    out: { type: 'string' },
    modules: { type: 'string', default: process.env.POSTHOUSE_BROWSER ?? 'target/browser' },
    seconds: { type: 'string', default: '200' },
  },
});
const [scenario] = positionals;
if (!scenario || !values.url || !values.out) {
  console.error('usage: node run.mjs SCENARIO --url URL --out DIR [--modules DIR] [--seconds N]');
  process.exit(2);
}

let failed = 0;
function check(name, ok, detail = null) {
  if (!ok) failed += 1;
  console.log(JSON.stringify({ ok: Boolean(ok), name, detail }));
  return Boolean(ok);
}

mkdirSync(values.out, { recursive: true });
const { default: play } = await import(`./${scenario}.mjs`);
const offered = await kit({ ...values, check });
const late = new Promise((_, reject) => {
  const why = new Error(`the scenario did not end within ${values.seconds} s`);
  setTimeout(() => reject(why), Number(values.seconds) * 1000).unref();
});
try {
  await Promise.race([play(offered), late]);
} catch (error) {
  check('the scenario runs to its end', false, error.stack);
  await offered.shotsOfOpenPages('failed');
}
await offered.close();
process.exit(failed === 0 ? 0 : 1);
