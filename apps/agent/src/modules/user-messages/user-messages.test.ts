import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import type { ProgramUser } from '../../platform/program-output.ts';
import { writeTerminal } from '../../platform/terminal-write.ts';
import type { SignIn } from '../sign-ins/index.ts';
import {
  createLinuxDesktop,
  createMacosDesktop,
  createSystemMessenger,
  createWindowsDesktop,
} from './system-messenger.ts';
import { createShowMessageHandler } from './show-message.handler.ts';
import { formatForTerminal, toPlainMessage, type UserMessenger } from './user-message.ts';

interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly user: ProgramUser | undefined;
}

/** Programs that are installed, and what they were asked. */
function createPrograms(installed: Readonly<Record<string, string>>) {
  const calls: Call[] = [];
  return {
    calls,
    run: async (file: string, args: readonly string[], user?: ProgramUser) => {
      calls.push({ file, args, user });
      return installed[file];
    },
  };
}

const desktop: SignIn = { userName: 'ada', userId: 1000, isDesktop: true, isRemote: false };
const hostile = { title: '-x \u001b[2J<b>\u202e', text: '</body>\u0007 $(reboot) `id` "a"\n&\u2066' };

test('Linux: a desktop is spoken to in the name of its user, with nothing of ours, and the text stays text', async () => {
  const { calls, run } = createPrograms({ id: '100\n', 'notify-send': '' });
  const show = createLinuxDesktop({ run, ownUserId: 0 });
  assert.ok(await show(desktop, toPlainMessage(hostile)));
  const last = calls.at(-1);
  assert.equal(last?.file, 'notify-send');
  assert.deepEqual(last.args.slice(-3), [
    '--',
    '-x \ufffd[2J<b>\ufffd',
    '&lt;/body&gt;\ufffd $(reboot) `id` "a"\n&amp;\ufffd',
  ]);
  assert.deepEqual(last.user, {
    userId: 1000,
    groupId: 100,
    environment: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      XDG_RUNTIME_DIR: '/run/user/1000',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
    },
  });
});

test('Linux: what would become markup behind a backslash stays text', async () => {
  const { calls, run } = createPrograms({ id: '100\n', 'notify-send': '' });
  const text = String.raw`\074a href="https://evil.example/"\076 C:\temp`;
  assert.ok(await createLinuxDesktop({ run, ownUserId: 0 })(desktop, { title: 'x', text }));
  assert.equal(calls.at(-1)?.args.at(-1), text.replaceAll('\\', '\\\\'));
});

test('Linux: where one program is missing the other is asked, and where both are it was not shown', async () => {
  const second = createPrograms({ id: '100\n', gdbus: '(uint32 7,)\n' });
  assert.ok(await createLinuxDesktop({ run: second.run, ownUserId: 0 })(desktop, toPlainMessage(hostile)));
  assert.ok(second.calls.at(-1)?.args.includes('"&lt;/body&gt;\ufffd $(reboot) `id` \\"a\\"\\n&amp;\ufffd"'));
  const none = createPrograms({ id: '100\n' });
  assert.equal(await createLinuxDesktop({ run: none.run, ownUserId: 0 })(desktop, hostile), false);
});

test('an agent of an ordinary user speaks to the desktop of that user alone', async () => {
  for (const [ownUserId, isShown] of [
    [1000, true],
    [1001, false],
    [undefined, false],
  ] as const) {
    const { run } = createPrograms({ id: '100\n', 'notify-send': '', '/usr/bin/osascript': '' });
    assert.equal(await createLinuxDesktop({ run, ownUserId })(desktop, hostile), isShown);
    assert.equal(await createMacosDesktop({ run, ownUserId })(desktop, hostile), isShown);
  }
});

test('macOS and Windows: title and text are arguments of a fixed order', async () => {
  const mac = createPrograms({ '/bin/launchctl': '' });
  assert.ok(await createMacosDesktop({ run: mac.run, ownUserId: 0 })(desktop, { title: 'T', text: '-e x' }));
  assert.deepEqual(mac.calls.at(-1)?.args.slice(0, 5), ['asuser', '1000', '/usr/bin/sudo', '-u', '#1000']);
  assert.deepEqual(mac.calls.at(-1)?.args.slice(-3), ['--', 'T', '-e x']);
  const windows = createPrograms({ 'msg.exe': '' });
  const show = createWindowsDesktop({ run: windows.run, ownUserId: undefined });
  assert.ok(
    await show({ userName: 'ada', id: '2', isDesktop: true, isRemote: false }, { title: '/W', text: 'Go' }),
  );
  assert.deepEqual(windows.calls.at(-1)?.args, ['2', '/TIME:86400', '"/W"\r\n\r\nGo']);
});

test('everybody is told once for each way, and the answer says who was reached', async () => {
  const written: string[] = [];
  const messenger = createSystemMessenger({
    signIns: {
      list: async () => [
        desktop,
        { userName: 'ada', userId: 1000, terminal: 'pts/1', isDesktop: false, isRemote: true },
        { userName: 'bob', terminal: 'pts/2', isDesktop: false, isRemote: false },
        { userName: 'eve', isDesktop: false, isRemote: true },
      ],
    },
    writeTerminal: async (terminal, text) => {
      written.push(`${terminal} ${text}`);
      return terminal === 'pts/1';
    },
    showOnDesktop: async () => true,
  });
  assert.deepEqual(await messenger.show({ title: 'T\n', text: 'a\r\nb\tc' }), [
    { name: 'ada', ways: ['desktop', 'terminal'] },
    { name: 'bob', ways: [] },
    { name: 'eve', ways: [] },
  ]);
  assert.equal(written[0], 'pts/1 \r\n\u0007*** T  ***\r\na\r\nb    c\r\n\r\n');
});

const show = async (users: Awaited<ReturnType<UserMessenger['show']>>) => {
  const handler = createShowMessageHandler({ show: async () => users });
  return await handler.run({
    commandId: '',
    parameters: { title: 'T', text: 'x' },
    signal: new AbortController().signal,
    stopSignal: new AbortController().signal,
    reportProgress: () => undefined,
    save: () => undefined,
  });
};

test('the command says to whom it was shown, and that nobody was there', async () => {
  assert.match((await show([])).detail, /Nobody is signed in/u);
  const shown = await show([
    { name: 'ada', ways: ['desktop'] },
    { name: 'bob', ways: [] },
  ]);
  assert.equal(shown.detail, 'It was shown to ada. Signed in, and not reached: bob.');
  assert.deepEqual(shown.result, {
    users: [
      { name: 'ada', ways: ['desktop'] },
      { name: 'bob', ways: [] },
    ],
  });
});

/** A real terminal with a program in it that shows what is written there. */
async function openTerminal(
  t: TestContext,
): Promise<{ readonly name: string; readonly shown: () => string }> {
  const child = spawn('script', ['-qfec', 'tty; exec sleep 600', '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  const name = Promise.withResolvers<string>();
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
    const [, found] = /\/dev\/(pts\/\d+)\r?\n/u.exec(output) ?? [];
    if (found !== undefined) name.resolve(found);
  });
  child.on('exit', () => name.reject(new Error(`script ended: ${output}`)));
  return { name: await name.promise, shown: () => output };
}

test('a message appears on a real terminal', {
  skip: spawnSync('script', ['--version']).error !== undefined && 'needs `script` of util-linux',
}, async (t) => {
  const terminal = await openTerminal(t);
  const text = formatForTerminal(toPlainMessage({ title: 'Maintenance', text: 'At noon\nSave your work' }));
  assert.ok(await writeTerminal(terminal.name, text));
  const until = performance.now() + 10_000;
  while (!terminal.shown().includes('Save your work') && performance.now() < until)
    await new Promise(setImmediate);
  assert.match(terminal.shown(), /\*\*\* Maintenance \*\*\*\r+\nAt noon\r+\nSave your work/u);
});

test('what is no terminal of a person is not written to', async () => {
  for (const name of [
    'null',
    'sda',
    '../etc/passwd',
    'pts/../null',
    'pts/999999',
    'tty',
    '',
    'pts/1 ',
    'shm/x',
  ]) {
    assert.equal(await writeTerminal(name, 'x'), false, name);
  }
});
