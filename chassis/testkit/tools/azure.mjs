// Azure's blob store as the tests know it: Azurite on a loopback port, with one container.
//
// Started with the folder Azurite is installed in, the port and the container's name. Prints the account's name and key as a
// JSON line once the container is there, and ends with whoever started it: when its standard input does. The account is the one
// that Azurite's makers publish.

import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const VERSION = '2021-12-02';

const [modules, port, container] = process.argv.slice(2);
const flags = ['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'];
process.argv = [...process.argv.slice(0, 2), '--blobHost', '127.0.0.1', '--blobPort', port, ...flags];
process.stdin.resume().on('end', () => process.exit());
console.log = () => {};
const require = createRequire(`${modules}/`);
// A page of a list is short, so that lists have many.
require('azurite/dist/src/blob/utils/constants.js').DEFAULT_LIST_BLOBS_MAX_RESULTS = 10;
require('azurite/dist/src/blob/main.js');

/// Makes the container: what is signed, and in which order, is Azure's "shared key" rule.
async function make() {
  const date = new Date().toUTCString();
  const headers = `x-ms-date:${date}\nx-ms-version:${VERSION}\n`;
  const resource = `/${ACCOUNT}/${ACCOUNT}/${container}\nrestype:container`;
  const signed = createHmac('sha256', Buffer.from(KEY, 'base64')).update(`PUT${'\n'.repeat(12)}${headers}${resource}`).digest('base64');
  const answer = await fetch(`http://127.0.0.1:${port}/${ACCOUNT}/${container}?restype=container`, {
    method: 'PUT',
    headers: { 'x-ms-date': date, 'x-ms-version': VERSION, Authorization: `SharedKey ${ACCOUNT}:${signed}` },
  });
  if (answer.status !== 201) throw new Error(`the container is not made: ${answer.status} ${await answer.text()}`);
}

// It says nowhere that it listens: it is asked until it does, for a minute.
for (let left = 600; ; left--) {
  try {
    await make();
    break;
  } catch (fault) {
    if (fault.cause?.code !== 'ECONNREFUSED' || left === 0) throw fault;
    await pause(100);
  }
}
process.stdout.write(`${JSON.stringify({ key: ACCOUNT, secret: KEY })}\n`);
