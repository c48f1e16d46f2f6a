import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeComputer, type FakeComputer } from '../../testing/fake-computer.ts';
import type { CommandResult } from '../commands/index.ts';
import { screensModule } from './screens.module.ts';

const ada = { userName: 'ada', id: '1', isDesktop: true, isRemote: false };
const adaAgain = { ...ada, id: '2' };
const eve = { userName: 'eve', id: '3', isDesktop: true, isRemote: true };
const terminal = { userName: 'bob', terminal: 'tty2', isDesktop: false, isRemote: false };

async function lock(platform: NodeJS.Platform, computer: FakeComputer): Promise<CommandResult> {
  const [handler] = screensModule.create({ platform, computer }).commands;
  assert.ok(handler !== undefined);
  return await handler.run({
    commandId: '',
    parameters: {},
    signal: new AbortController().signal,
    stopSignal: new AbortController().signal,
    reportProgress: () => undefined,
    save: () => undefined,
  });
}

const ways: readonly (readonly [NodeJS.Platform, string, readonly string[]])[] = [
  ['linux', 'loginctl', ['loginctl lock-sessions']],
  ['darwin', '/usr/bin/pmset', ['/usr/bin/pmset displaysleepnow']],
  ['win32', 'tsdiscon.exe', ['tsdiscon.exe 1', 'tsdiscon.exe 2', 'tsdiscon.exe 3']],
];

for (const [platform, program, runs] of ways) {
  test(`${platform}: screens are locked, and it is said for whom`, async () => {
    const computer = createFakeComputer();
    computer.signedIn = [ada, terminal, adaAgain, eve];
    computer.programs.set(program, '');
    const { detail, result } = await lock(platform, computer);
    assert.deepEqual([detail, result], ['Locked for ada, eve.', { users: ['ada', 'eve'] }]);
    assert.deepEqual(computer.runs, runs);
  });

  test(`${platform}: a system that does not lock is told`, async () => {
    const computer = createFakeComputer();
    computer.signedIn = [ada];
    await assert.rejects(lock(platform, computer), { code: 'SCREENS_NOT_LOCKED', facts: { platform } });
  });
}

test('where nobody sits at a screen nothing is run', async () => {
  const computer = createFakeComputer();
  computer.signedIn = [terminal];
  const { detail, result } = await lock('linux', computer);
  assert.deepEqual([detail, result], ['Nobody is signed in at a screen.', { users: [] }]);
  assert.deepEqual(computer.runs, []);
});

test('a system that has no way to lock says so', async () => {
  const computer = createFakeComputer();
  computer.signedIn = [ada];
  await assert.rejects(lock('freebsd', computer), { code: 'SCREENS_NOT_LOCKED' });
  assert.deepEqual(computer.runs, []);
});
