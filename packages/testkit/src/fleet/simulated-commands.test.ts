import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obeyCommands } from './simulated-commands.ts';

const command = (id: string, type = 'collect-inventory', expiresAt = 1_000) => ({
  id,
  type,
  parameters: {},
  issuedAt: 0,
  expiresAt,
});

test('no command is begun twice, and one that comes again is reported again', () => {
  const begun = new Set<string>();
  const clock = { serverNowMs: 500, productNowMs: 99 };
  const first = obeyCommands({ commands: [command('a')] }, begun, clock);
  const second = obeyCommands({ commands: [command('a'), command('b')] }, begun, clock);
  assert.deepEqual([first.begun, first.again, second.begun, second.again], [1, 0, 1, 1]);
  assert.deepEqual(
    second.reports.map(({ commandId, at }) => [commandId, at]),
    [
      ['a', 99],
      ['b', 99],
    ],
  );
});

test('a command whose time is over by the server clock is left alone, whatever the own clock says', () => {
  const outcome = obeyCommands({ commands: [command('a')] }, new Set(), {
    serverNowMs: 1_000,
    productNowMs: 0,
  });
  assert.deepEqual([outcome.begun, outcome.reports], [0, []]);
});

test('a restart is obeyed once, by a new handshake', () => {
  const begun = new Set<string>();
  const clock = { serverNowMs: 500, productNowMs: 99 };
  assert.ok(obeyCommands({ commands: [command('a', 'restart-agent')] }, begun, clock).needsHandshake);
  assert.ok(!obeyCommands({ commands: [command('a', 'restart-agent')] }, begun, clock).needsHandshake);
});

test('what the server wants ended is reported as done where it is, and else as never begun', () => {
  const begun = new Set<string>();
  const clock = { serverNowMs: 500, productNowMs: 99 };
  obeyCommands({ commands: [command('a')] }, begun, clock);
  const { reports } = obeyCommands({ commands: [], cancel: ['a', 'b'] }, begun, clock);
  assert.deepEqual(
    reports.map(({ commandId, state }) => [commandId, state]),
    [
      ['a', 'succeeded'],
      ['b', 'cancelled'],
    ],
  );
});
