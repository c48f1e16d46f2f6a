import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatInstallLine, formatOfflineInstallLine } from './install-line.ts';

const SCRIPT = 'printf "%s|" "$0" "$@"; read -r token; printf "%s" "$token"\nexit 7\n';
const scriptSha256 = createHash('sha256').update(SCRIPT).digest('hex');

/** A folder with a curl that brings a script, and a place for temporary files. */
function setUp(
  t: TestContext,
  script = SCRIPT,
): { run: (line: string) => ReturnType<typeof spawnSync>; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-line-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'script'), script);
  const curl = join(folder, 'curl');
  writeFileSync(curl, `#!/bin/sh\nprintf '%s\\n' "$@" >'${folder}/asked'\ncp '${folder}/script' "$3"\n`);
  chmodSync(curl, 0o755);
  const env = { PATH: `${folder}:/usr/bin:/bin`, TMPDIR: join(folder, 'tmp') };
  return { folder, run: (line) => spawnSync('sh', ['-c', line], { env, encoding: 'utf8', cwd: folder }) };
}

test('the line fetches the script, checks it, hands it address and token, and leaves nothing behind', (t) => {
  const { run, folder } = setUp(t);
  const line = formatInstallLine({ address: 'https://vault:8443', scriptSha256, tokenString: 'hf1.token' });
  const ran = run(line);
  assert.equal(ran.status, 7, 'the exit code is that of the script');
  assert.match(String(ran.stdout), /\|https:\/\/vault:8443\|hf1\.token$/u);
  const asked = readFileSync(join(folder, 'asked'), 'utf8');
  assert.match(asked, /^https:\/\/vault:8443\/agent\/install\.sh$/mu);
  assert.ok(!asked.includes('hf1.token'), 'the token is nothing that curl is told');
  assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
});

test('a script with another checksum is not run', (t) => {
  const { run, folder } = setUp(t, `${SCRIPT}# changed`);
  const ran = run(formatInstallLine({ address: 'https://vault', scriptSha256, tokenString: 'hf1.token' }));
  assert.equal(ran.status, 3);
  assert.equal(ran.stdout, '');
  assert.match(String(ran.stderr), /The script is not the one of this line\. Nothing was run\./u);
  assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
  writeFileSync(join(folder, 'install.sh'), `${SCRIPT}# changed`);
  const offline = run(
    formatOfflineInstallLine({ archiveFileName: 'a.tar.gz', scriptSha256, tokenString: 'hf1.token' }),
  );
  assert.deepEqual([offline.status, offline.stdout], [3, '']);
});

test('brought files are named to the script, and without a token in the line the script reads its own', (t) => {
  const { run, folder } = setUp(t);
  writeFileSync(join(folder, 'install.sh'), SCRIPT);
  const ran = run(
    formatOfflineInstallLine({ archiveFileName: 'a.tar.gz', scriptSha256, tokenString: 'hf1.token' }),
  );
  assert.match(String(ran.stdout), /\|--archive\|a\.tar\.gz\|hf1\.token$/u);
  assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
  const asked = run(formatInstallLine({ address: 'https://vault', scriptSha256 }));
  assert.match(String(asked.stdout), /\|https:\/\/vault\|$/u);
});

test('whatever stands in an address or a token is one word and no command', (t) => {
  const { run } = setUp(t);
  const nasty = 'https://a\'; touch pwned; $(touch pwned) `touch pwned` "x';
  const ran = run(formatInstallLine({ address: nasty, scriptSha256, tokenString: nasty }));
  assert.ok(String(ran.stdout).endsWith(`|${nasty}|${nasty}`), String(ran.stdout));
});

test('what is run of brought files is what was checked, whoever changes them meanwhile', (t) => {
  const { run, folder } = setUp(t);
  const file = join(folder, 'install.sh');
  writeFileSync(file, SCRIPT);
  // In the moment after the check somebody exchanges the script.
  const program = join(folder, 'sha256sum');
  writeFileSync(
    program,
    `#!/bin/sh\n/usr/bin/sha256sum "$@"; code=$?\necho 'echo pwned' >'${file}'\nexit $code\n`,
  );
  chmodSync(program, 0o755);
  const ran = run(
    formatOfflineInstallLine({ archiveFileName: 'a.tar.gz', scriptSha256, tokenString: 'hf1.token' }),
  );
  assert.equal(readFileSync(file, 'utf8'), 'echo pwned\n');
  assert.match(String(ran.stdout), /\|hf1\.token$/u);
});

test('what is sent in place of the script is bounded in time and size', (t) => {
  const { run, folder } = setUp(t);
  run(formatInstallLine({ address: 'https://vault', scriptSha256 }));
  const asked = readFileSync(join(folder, 'asked'), 'utf8');
  assert.match(asked, /^--max-time\n\d+$/mu);
  assert.match(asked, /^--max-filesize\n\d{1,7}$/mu);
});
