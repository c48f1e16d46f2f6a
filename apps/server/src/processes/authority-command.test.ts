import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseFailureJson, systemClock } from '@holdfast/kernel';
import { createCertificateAuthority } from '@holdfast/trust/certificates';
import { pino } from 'pino';
import { lockHome, makeHome } from '../platform/home/home.ts';
import { describeAuthority } from '../platform/keys/authority-keeper.ts';
import { exportPrivateKey } from '../platform/keys/key-file.ts';
import { openKeys } from '../platform/keys/key-store.ts';

const MAIN = fileURLToPath(new URL('./authority.main.ts', import.meta.url));
const YEAR_MS = 365 * 86_400_000;
let home: string;

interface Report {
  readonly phase: string;
  readonly current: { readonly fingerprint: string };
  readonly next: { readonly fingerprint: string } | null;
}

before(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'holdfast-authority-'));
  const { keys } = await makeHome(home);
  await openKeys({
    folder: keys,
    log: pino({ level: 'silent' }),
    nowMs: systemClock.now(),
    hasProducts: async () => false,
  });
});
after(() => rm(home, { recursive: true }));

async function run(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string; error: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOLDFAST_HOME: home, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, error, [code]] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, output, error };
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}

async function report(...args: string[]): Promise<Report> {
  const { code, output, error } = await run([...args, '--json']);
  assert.equal(code, 0, error);
  return JSON.parse(output) as Report;
}

test('the authority is shown, gets a next one beside a running server, and changes to it only without one', async () => {
  const first = await report('show');
  assert.deepEqual([first.phase, first.next], ['good', null]);
  const text = await run(['show']);
  assert.match(
    text.output,
    new RegExp(`^Authority +${first.current.fingerprint}\n.*Nothing has to be done`, 's'),
  );

  const lock = await lockHome(await makeHome(home));
  const prepared = await report('renew');
  assert.equal(prepared.current.fingerprint, first.current.fingerprint);
  assert.ok(prepared.next !== null);
  assert.deepEqual(await report('renew'), prepared, 'there is one next authority');
  const refused = await run(['renew', '--now', '--json']);
  assert.deepEqual([refused.code, parseFailureJson(refused.error)?.code], [1, 'HOME_IN_USE']);
  await lock.release();

  const changed = await report('renew', '--now');
  assert.deepEqual([changed.current.fingerprint, changed.next], [prepared.next.fingerprint, null]);
  assert.equal((await report('show')).current.fingerprint, prepared.next.fingerprint);
});

test('an authority that was made while the clock was ahead is named, and renewed at once', async () => {
  const ahead = await createCertificateAuthority(systemClock.now() + YEAR_MS);
  await writeFile(path.join(home, 'keys', 'ca.crt'), ahead.certificate);
  await writeFile(path.join(home, 'keys', 'ca.key'), exportPrivateKey(ahead.privateKey));
  assert.equal((await report('show')).phase, 'not-yet-valid');
  assert.match((await run(['show'])).output, /renew --now/);
  assert.equal((await report('renew', '--now')).phase, 'good');
  const { fingerprint } = describeAuthority(ahead.certificate);
  const steps = JSON.parse(await readFile(path.join(home, 'keys', 'successions.json'), 'utf8')) as {
    certificate: string;
  }[];
  assert.equal(describeAuthority(steps.at(-1)?.certificate ?? '').fingerprint, fingerprint);
});

test('what cannot be done is refused with a code, and wrong words with the usage', async () => {
  for (const args of [[], ['show', '--now'], ['renew', 'x'], ['dance']]) {
    const { code, error } = await run(args);
    assert.equal(code, 2);
    assert.match(error, /^usage: holdfast authority show/);
  }
  const empty = path.join(home, 'empty');
  await mkdir(empty);
  const missing = await run(['show', '--json'], { HOLDFAST_HOME: empty });
  assert.deepEqual([missing.code, parseFailureJson(missing.error)?.code], [1, 'KEYS_INCOMPLETE']);
  const supplied = await run(['show', '--json'], {
    HOLDFAST_TLS_CERTIFICATE: '/a',
    HOLDFAST_TLS_KEY: '/b',
    HOLDFAST_TLS_AUTHORITY: '/c',
  });
  assert.deepEqual([supplied.code, parseFailureJson(supplied.error)?.code], [1, 'AUTHORITY_SUPPLIED']);
});
