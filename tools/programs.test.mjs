// Every program of this repository: none ends with an exit code other than 0 and without a sentence, and none opens the
// runtime's debugger to who sends it a signal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { here } from './setup/place.mjs';

const home = mkdtempSync(join(tmpdir(), 'hf-programs-'));
after(() => rmSync(home, { recursive: true }));
const environment = {
  PATH: process.env.PATH,
  HOME: home,
  HOLDFAST_HOME: join(home, 'server'),
  HOLDFAST_AGENT_HOME: join(home, 'agent'),
  XDG_CONFIG_HOME: join(home, 'config'),
};

function start(file, args = [], { env = {}, stdin = 'ignore', stdout = 'pipe' } = {}) {
  const child = spawn(process.execPath, [join(here.root, file), ...args], {
    env: { ...environment, ...env },
    stdio: [stdin, stdout, 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  return { child, said, ended: once(child, 'close') };
}

async function run(file, args, options) {
  const { said, ended } = start(file, args, options);
  const [code, signal] = await ended;
  return { code, signal, ...said };
}

/** Paths below `folder` that match, without what others wrote. */
function listFiles(folder, pattern) {
  return readdirSync(join(here.root, folder), { recursive: true })
    .map((path) => join(folder, path))
    .filter((path) => pattern.test(path) && !/node_modules|dist|previous-release/.test(path));
}

/** Parts of other programs, which have no end of their own to tell. */
const PARTS = [
  'apps/server/src/modules/datagrams/udp-receiver.main.ts',
  'apps/server/src/platform/database/test-cluster.main.ts',
  'packages/components/src/increments/increment-maker.main.ts',
];

test('every program begins with the guard', () => {
  const mains = [...listFiles('apps', /[/.]main\.ts$/), ...listFiles('packages', /[/.]main\.ts$/)];
  const programs = mains.filter((path) => !PARTS.includes(path));
  assert.ok(programs.length >= 8, programs.join(', '));
  for (const path of programs)
    assert.match(
      readFileSync(join(here.root, path), 'utf8'),
      /^(const guard = )?guardProgram\(process/m,
      path,
    );
  const tools = [
    'bin/holdfast.mjs',
    ...readdirSync(join(here.root, 'tools'))
      .filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs'))
      .map((name) => join('tools', name)),
  ];
  assert.ok(tools.length >= 9, tools.join(', '));
  for (const path of tools)
    assert.match(readFileSync(join(here.root, path), 'utf8'), /^await runProgram\(/m, path);
});

const SERVER = 'apps/server/src';
const away = { HOLDFAST_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing' };
/** @type {[file: string, args: string[], options: object, code: number, sentence: RegExp][]} */
const TABLE = [
  [`${SERVER}/main.ts`, [], { env: { HOLDFAST_PORT: 'many' } }, 1, /HOLDFAST_PORT/],
  [`${SERVER}/processes/backup.main.ts`, [], {}, 2, /^usage: holdfast backup/],
  [`${SERVER}/processes/backup.main.ts`, [join(home, 'b')], {}, 4, /\(DATABASE_UNAVAILABLE\)/],
  [`${SERVER}/processes/backup.main.ts`, ['--verify', join(home, 'none')], {}, 1, /none/],
  [`${SERVER}/processes/restore.main.ts`, [], {}, 2, /^usage: holdfast restore/],
  [`${SERVER}/processes/restore.main.ts`, [join(home, 'none')], {}, 1, /none/],
  [`${SERVER}/processes/setup-link.main.ts`, ['x'], {}, 2, /^usage: /],
  [`${SERVER}/processes/setup-link.main.ts`, [], { env: away }, 4, /\(DATABASE_UNAVAILABLE\)/],
  [`${SERVER}/processes/authority.main.ts`, [], {}, 2, /^usage: holdfast authority/],
  [`${SERVER}/processes/authority.main.ts`, ['show'], {}, 1, /\(KEYS_INCOMPLETE\)/],
  [`${SERVER}/processes/recovery-link.main.ts`, [], {}, 2, /^usage: /],
  [`${SERVER}/processes/recovery-link.main.ts`, ['alice'], { env: away }, 4, /\(DATABASE_UNAVAILABLE\)/],
  ['apps/agent/src/main.ts', ['dance'], {}, 2, /\(USAGE\)/],
  ['apps/agent/src/main.ts', ['check'], {}, 1, /\(NOT_ENROLLED\)/],
  [
    'apps/agent/src/main.ts',
    ['run'],
    { env: { HOLDFAST_AGENT_HOME: join(home, 'run') } },
    78,
    /\(NOT_ENROLLED\)/,
  ],
  ['apps/agent/src/main.ts', ['enroll', 'no token'], {}, 1, /\(ENROLMENT_TOKEN_UNREADABLE\)/],
  ['apps/cli/src/main.ts', ['dance'], {}, 2, /dance/],
  ['apps/cli/src/main.ts', [], {}, 2, /Usage: holdfast/],
  ['apps/cli/src/main.ts', ['directory', 'devices'], {}, 1, /\(NOT_CONNECTED\)/],
  ['apps/cli/src/main.ts', ['directory', 'devices', '--json'], {}, 1, /"NOT_CONNECTED"/],
  ['apps/cli/src/main.ts', ['agent', 'dance'], {}, 2, /^holdfast: .*\(USAGE\)\n  → .*\n$/],
  ['apps/cli/src/main.ts', ['server'], { env: { HOLDFAST_PORT: 'many' } }, 1, /HOLDFAST_PORT/],
  ['apps/cli/src/main.ts', ['up'], { env: { HOLDFAST_PORT: 'many' } }, 1, /HOLDFAST_PORT/],
  ['packages/testkit/src/fleet/simulate.main.ts', ['--dance'], {}, 2, /dance/],
  ['bin/holdfast.mjs', ['dance'], {}, 2, /dance/],
  ['tools/setup.mjs', ['everything'], {}, 1, /everything/],
  ['tools/run.mjs', [], {}, 2, /^Usage: /],
  ['tools/run.mjs', ['no-such-tool'], {}, 1, /no-such-tool/],
  ['tools/run.mjs', ['biome', 'format', '/nonexistent'], {}, 1, /biome ended with status 1/],
  ['tools/bench.mjs', ['no-such'], {}, 1, /no-such/],
  ['tools/check.mjs', ['no-such'], {}, 1, /no-such/],
  ['tools/test.mjs', ['no-such-file'], {}, 1, /no-such-file/],
  ['tools/simulate.mjs', ['--dance'], {}, 2, /dance/],
];

describe('a program that fails says so', { concurrency: 4 }, () => {
  for (const [file, args, options, code, sentence] of TABLE) {
    test(`${file} ${args.map((arg) => arg.replace(home, '')).join(' ')}`, async () => {
      const result = await run(file, args, options);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, sentence);
      assert.doesNotMatch(result.stderr, /ENDED_WITHOUT_REASON/);
    });
  }

  test('also when what it has to say cannot be written', { skip: process.platform !== 'linux' }, async () => {
    for (const [file, args] of [
      ['apps/cli/src/main.ts', ['--help']],
      ['bin/holdfast.mjs', ['--help']],
    ]) {
      const { code, stderr } = await run(file, args, { stdout: openSync('/dev/full', 'w') });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /The output could not be written: .* \(OUTPUT_LOST\)/);
    }
  });

  test('also when another program that it runs is ended', {
    skip: process.platform !== 'linux',
  }, async () => {
    // It waits for its passphrase.
    const args = ['backup', '--passphrase-file', '-', join(home, 'b')];
    const { child, said, ended } = start('bin/holdfast.mjs', args, { stdin: 'pipe' });
    const cli = await waitForChild(child.pid, 'programs/cli.mjs');
    process.kill(await waitForChild(cli, 'programs/backup.mjs'), 'SIGKILL');
    assert.deepEqual(await ended, [1, null]);
    assert.match(said.stderr, /The program was ended by SIGKILL\. \(PROCESS_FAILED\)/);
    const second = start('bin/holdfast.mjs', args, { stdin: 'pipe' });
    process.kill(await waitForChild(second.child.pid, 'programs/cli.mjs'), 'SIGKILL');
    assert.deepEqual(await second.ended, [137, null]);
    assert.match(second.said.stderr, /holdfast was ended by SIGKILL/);
  });
});

/** The first child of a process whose command line names this, once there is one. */
async function waitForChild(pid, name) {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')) {
      if (child !== '' && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(name)) return Number(child);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${name}`);
}

describe('the guard', () => {
  const kernel = pathToFileURL(join(here.root, 'packages', 'kernel', 'src', 'index.ts')).href;
  const program = join(home, 'program.mjs');
  const guarded = (body) => {
    writeFileSync(
      program,
      `import { guardProgram } from '${kernel}';\nconst guard = guardProgram(process);\n${body}\n`,
    );
    return spawnProgram();
  };
  const spawnProgram = () => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (said.stdout += chunk));
    child.stderr.on('data', (chunk) => (said.stderr += chunk));
    return { child, said, ended: once(child, 'close') };
  };

  for (const [what, body, code, sentence] of [
    [
      'an end without a word',
      'process.exit(3);',
      3,
      /status 3 before its work was done\. \(ENDED_WITHOUT_REASON\)/,
    ],
    ['an exit code without a word', 'process.exitCode = 4;', 4, /\(ENDED_WITHOUT_REASON\)/],
    ['an error that nobody caught', "throw new Error('the cause');", 1, /the cause/],
    ['a promise that nobody watched', "void Promise.reject(new Error('the cause'));", 1, /the cause/],
    ['an end while it waits', 'await new Promise(() => {});', 13, /status 13/],
    ['words of its own', "process.stderr.write('my words\\n'); process.exitCode = 5;", 5, /^my words\n$/],
    ['words of another one', 'guard.noteTold(); process.exitCode = 6;', 6, /^$/],
    ['a good end', '', 0, /^$/],
  ]) {
    test(`${what} ends with ${code}`, async () => {
      const { said, ended } = guarded(body);
      assert.deepEqual(await ended, [code, null]);
      assert.match(said.stderr, sentence);
    });
  }

  test('SIGUSR1 opens no debugger, and ends nothing', async () => {
    const { child, said, ended } = guarded(
      "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); process.stdout.write('ready');",
    );
    await once(child.stdout, 'data');
    child.kill('SIGUSR1');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(said.stderr, '');
  });
});
