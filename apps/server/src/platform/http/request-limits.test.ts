import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import { RequestLimits } from './request-limits.ts';

/** A clock that stands still: nothing is refilled between two calls. */
const standing = { now: () => 1_795_312_800_000, monotonic: () => 0 };

test('one product works off a full claim of commands, each with facts and two calls with reports, and is never refused', () => {
  const requestLimits = new RequestLimits(standing);
  const count = limits.maxCommandsPerClaim;
  // A claim after the handshake, one that brings the commands, one more after a full batch; their acceptance.
  for (let call = 0; call < 2 * count + 4; call += 1) requestLimits.countActor('mcp-commands', 'product 1');
  // The facts that follow a handshake, and those of each command.
  for (let call = 0; call < count + 1; call += 1) requestLimits.countActor('mcp-inventory', 'product 1');
});

test('a product that goes on calling is refused, and others are not', () => {
  for (const requestClass of ['mcp-commands', 'mcp-inventory', 'mcp-logs'] as const) {
    const requestLimits = new RequestLimits(standing);
    assert.throws(
      () => {
        for (let call = 0; call < 1_000; call += 1) requestLimits.countActor(requestClass, 'product 1');
      },
      (error) => hasCode(error, 'RATE_LIMITED'),
    );
    requestLimits.countActor(requestClass, 'product 2');
  }
});

test('a product that sends more logs than it may still fetches commands, and none of the others waits', async () => {
  const requestLimits = new RequestLimits(standing);
  const upload = (): void => requestLimits.countActor('mcp-logs', 'product 1');
  for (let call = 0; call < 40; call += 1) upload();
  assert.throws(upload, (error) => hasCode(error, 'RATE_LIMITED'));
  requestLimits.countActor('mcp-commands', 'product 1');
  requestLimits.countActor('mcp-inventory', 'product 1');
  // Uploads that take for ever fill their own gate only.
  const release = Promise.withResolvers<void>();
  const uploads = Array.from({ length: 10 }, () =>
    requestLimits.inTurn(
      'mcp-logs',
      () => true,
      () => release.promise,
    ),
  );
  assert.equal(
    await requestLimits.inTurn(
      'mcp-commands',
      () => true,
      async () => 'done',
    ),
    'done',
  );
  release.resolve();
  await Promise.all(uploads);
});
