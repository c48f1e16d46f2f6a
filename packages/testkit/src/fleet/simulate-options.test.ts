import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSimulateOptions } from './simulate-options.ts';

const server = ['--server', 'https://localhost:8443'];

test('the options of a command line become the settings of a fleet', () => {
  const options = parseSimulateOptions(
    `--server https://localhost:8443 --token-file - --products 100000 --transport mixed --interval 60 --arrival office --minutes 10 --lose 1% --duplicate 2% --delay 10-500ms --reorder 0.5% --clock-jump 1%:2h --silent 3% --restart-all-at 5m --commands on --seed 9 --json --spread-addresses 64 --state f --force-interval`.split(
      ' ',
    ),
  );
  const { settings } = options;
  assert.deepEqual(settings.networkFaults, {
    loseShare: 0.01,
    duplicateShare: 0.02,
    reorderShare: 0.005,
    minDelayMs: 10,
    maxDelayMs: 500,
  });
  assert.deepEqual(settings.productFaults, {
    clockJumpShare: 0.01,
    maxClockJumpMs: 7_200_000,
    silentShare: 0.03,
  });
  assert.deepEqual(
    [
      settings.products,
      settings.transport,
      settings.arrival,
      settings.runMs,
      settings.obeysCommands,
      settings.seed,
      settings.addresses,
    ],
    [100_000, 'mixed', 'office', 600_000, true, 9, 64],
  );
  assert.deepEqual(
    [options.tokenFile, options.stateFile, options.restartAllAtMs, options.isJson],
    ['-', 'f', 300_000, true],
  );
  assert.deepEqual([settings.forcedIntervalMs, settings.arriveWithinMs], [60_000, 100_000]);
});

test('a fleet is small and without faults unless told otherwise, and never claims that a foreign server is its own', () => {
  const { settings } = parseSimulateOptions(server);
  assert.deepEqual(
    [settings.products, settings.isOwnServer, settings.networkFaults.loseShare],
    [100, false, 0],
  );
  assert.equal(settings.forcedIntervalMs, undefined);
});

test('what cannot be meant is refused, and the option is named', () => {
  const wrong = [
    '--products=0',
    '--products=1.5',
    '--lose=1',
    '--lose=101%',
    '--delay=5',
    '--delay=500-10ms',
    '--transport=tcp',
    '--minutes=-1',
    '--restart-all-at=5',
    '--clock-jump=1%',
    '--force-interval',
    '--what',
  ];
  for (const option of wrong) {
    const name = option.split('=')[0] ?? '';
    assert.throws(
      () => parseSimulateOptions([...server, option]),
      (error: Error) =>
        error.message.includes(name) && 'code' in error && error.code === 'FLEET_OPTION_INVALID',
      option,
    );
  }
  assert.throws(() => parseSimulateOptions([]), { code: 'FLEET_OPTION_INVALID' });
});
