/** What starts the agent, run by the shell of the system with a runtime that only says what was started. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../testing/eventually.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { createProgramFolder, type ProgramFolder } from '../updates/index.ts';
import { formatStartProgram } from './start-program.ts';

interface Installed {
  readonly home: string;
  readonly programs: ProgramFolder;
  /** Starts `run`, or something else, and says what was started. */
  start(word?: string): string;
  /** Starts a program that neither ends nor reaches the server, and answers with which signal it was ended. */
  startHanging(): Promise<NodeJS.Signals | null>;
  read(name: string): string | undefined;
}

/** Says which program it is to run, and hangs where a file says so. */
const runtime = `#!/bin/sh
while [ "\${1#--}" != "$1" ]; do shift; done
echo "$HOLDFAST_AGENT_RELEASE $(basename "$(dirname "$1")") $(basename "$0" | sed s/node//)$2"
if [ -e "$HOLDFAST_AGENT_HOME/hang" ]; then exec sleep 60 > /dev/null; fi
`;

function install(t: TestContext, shell?: readonly string[]): Installed {
  const home = createTemporaryFolder(t);
  const folder = join(home, 'installed');
  mkdirSync(folder);
  const [startProgramPath, runtimePath, programPath] = ['holdfast-agent', 'node', 'agent.mjs'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(runtimePath, runtime, { mode: 0o755 });
  writeFileSync(programPath, '');
  const text = formatStartProgram({ runtimePath, programPath, startProgramPath, home, trialSeconds: 2 });
  writeFileSync(startProgramPath, text, { mode: 0o755 });
  const programs = createProgramFolder(home);
  for (const release of [7, 8]) {
    mkdirSync(programs.releasePath(release), { recursive: true });
    writeFileSync(join(programs.releasePath(release), 'agent.mjs'), '');
  }
  const [file, ...words] = [...(shell ?? []), startProgramPath] as [string, ...string[]];
  return {
    home,
    programs,
    start: (word = 'run') => spawnSync(file, [...words, word], { encoding: 'utf8' }).stdout.trim(),
    startHanging: async () => {
      writeFileSync(join(home, 'hang'), '');
      const child = spawn(file, [...words, 'run'], { stdio: 'ignore' });
      const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      rmSync(join(home, 'hang'));
      return signal;
    },
    read: (name) => {
      const path = join(home, 'programs', name);
      return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
    },
  };
}

const shells: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['sh', undefined],
  ['bash', ['/bin/bash', '--posix']],
  ['busybox', ['/bin/busybox', 'sh']],
  ['busybox', ['/usr/bin/busybox', 'sh']],
];
for (const [name, shell] of shells.filter(([, words]) => words === undefined || existsSync(words[0] ?? ''))) {
  test(`${name}: a new program is started three times, and the former one from then on`, (t) => {
    const installed = install(t, shell);
    assert.equal(installed.start(), '0 installed run');
    installed.programs.begin(7, 0);
    assert.equal(installed.start('status'), '7 7 status', 'to look at it counts for nothing');
    for (const _ of [1, 2, 3]) assert.equal(installed.start(), '7 7 run');
    assert.equal(installed.start(), '0 installed run');
    assert.deepEqual(installed.programs.readReturned(), { release: 7, reason: 'did-not-start' });
    assert.equal(installed.read('trial'), undefined);
    installed.programs.begin(8, 0);
    installed.start();
    installed.programs.prove();
    for (const _ of [1, 2, 3, 4])
      assert.equal(installed.start(), '8 8 run', 'one that has proven itself stays');
  });
}

test('a new program that does not reach the server in its time is ended, and the former one runs from then on', async (t) => {
  const installed = install(t);
  installed.programs.choose(7);
  installed.programs.begin(8, 7);
  assert.equal(await installed.startHanging(), 'SIGTERM');
  assert.equal(installed.start(), '7 7 run');
  assert.deepEqual(installed.programs.readReturned(), { release: 8, reason: 'did-not-check-in' });
});

test('a program that proves itself in time is left alone', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const installed = install(t);
  installed.programs.begin(8, 0);
  writeFileSync(join(installed.home, 'hang'), '');
  const child = spawn(join(installed.home, 'installed/holdfast-agent'), ['run'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  assert.ok(listWatching(installed.home).length > 0);
  installed.programs.prove();
  await eventually('nobody watches it any more', () => listWatching(installed.home).length === 0);
  assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
});

/** Processes of the start program that lies there. */
function listWatching(home: string): readonly string[] {
  const found = spawnSync('grep', ['-lsz', `${home}/installed/holdfast-agent`, ...listCommandLines()], {
    encoding: 'utf8',
  });
  return found.stdout.split('\n').filter((line) => line !== '');
}

function listCommandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((name) => `/proc/${name}/cmdline`);
}

test('a program that is missing, files that are damaged and a way back that is lost lead to the installed one', (t) => {
  const installed = install(t);
  installed.programs.choose(9);
  assert.equal(installed.start(), '0 installed run', 'nothing of it is there');
  for (const content of ['', 'x', '-1', '7; reboot', '../../tmp', '7\n8']) {
    writeFileSync(join(installed.home, 'programs/current'), content);
    assert.match(
      installed.start(),
      content.startsWith('7') ? /^[07] / : /^0 installed run$/u,
      JSON.stringify(content),
    );
  }
  installed.programs.begin(7, 0);
  rmSync(join(installed.home, 'programs/previous'));
  for (const _ of [1, 2, 3]) installed.start();
  assert.equal(installed.start(), '0 installed run');
});

test('where not even the count can be written, the former program runs', {
  skip: process.platform !== 'linux',
}, (t) => {
  const installed = install(t);
  installed.programs.begin(7, 0);
  // As good as a full disk: the file in which the count would be written is a folder.
  mkdirSync(join(installed.home, 'programs/trial.next'));
  assert.equal(installed.start(), '0 installed run');
  assert.equal(installed.read('current'), '0');
});

test('a runtime that came with the program is used with it', (t) => {
  const installed = install(t);
  writeFileSync(join(installed.programs.releasePath(7), 'node'), '#!/bin/sh\necho own\n', { mode: 0o755 });
  installed.programs.choose(7);
  assert.equal(installed.start(), 'own');
});
