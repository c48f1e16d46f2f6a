import assert from 'node:assert/strict';
import { test } from 'node:test';
import { McpClientError, McpProblem } from '@holdfast/protocol';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createStreamKeeper } from './stream-keeper.ts';

interface Attempt {
  readonly open: () => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

function setUp(returnSpreadMs = 0) {
  const attempts: Attempt[] = [];
  const waits: { readonly delayMs: number; readonly callback: () => void }[] = [];
  const log = createSilentLog();
  let handshakes = 0;
  let isTimerSet = false;
  const keeper = createStreamKeeper({
    hold: (onOpen) =>
      new Promise((resolve, reject) => attempts.push({ open: onOpen, end: resolve, fail: reject })),
    timer: {
      set: (delayMs, callback) => {
        isTimerSet = true;
        waits.push({ delayMs, callback });
      },
      clear: () => {
        isTimerSet = false;
      },
    },
    random: () => 0.5,
    findReturnSpreadMs: () => returnSpreadMs,
    onHandshakeNeeded: () => handshakes++,
    log,
  });
  return {
    keeper,
    attempts,
    waits,
    log,
    isTimerSet: () => isTimerSet,
    handshakes: () => handshakes,
    last: () => {
      const attempt = attempts.at(-1);
      assert.ok(attempt);
      return attempt;
    },
  };
}

/** Lets what was settled be noticed. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const unreachable = () => new McpClientError('SERVER_UNREACHABLE', 'The server cannot be reached.');

test('a wish for a stream opens it at once, and the end of the wish opens no more', async () => {
  const { keeper, attempts, isTimerSet, last } = setUp();
  keeper.keep(true);
  assert.equal(attempts.length, 1);
  last().open();
  keeper.keep(false);
  last().end();
  await settle();
  assert.equal(isTimerSet(), false);
});

test('a stream that ended is opened again within the time that the server gave its fleet', async () => {
  const { keeper, waits, attempts, last } = setUp(61_000);
  keeper.keep(true);
  last().open();
  last().end();
  await settle();
  assert.deepEqual(
    waits.map(({ delayMs }) => delayMs),
    [31_000],
  );
  waits[0]?.callback();
  assert.equal(attempts.length, 2);
});

test('failures in a row wait longer and longer and are said once, and a stream that opened ends the row', async () => {
  const { keeper, waits, log, last } = setUp();
  keeper.keep(true);
  for (let count = 0; count < 3; count++) {
    last().fail(unreachable());
    await settle();
    waits.at(-1)?.callback();
  }
  assert.deepEqual(
    waits.map(({ delayMs }) => delayMs),
    [1_500, 2_500, 4_500],
  );
  assert.deepEqual(log.codes, ['SERVER_UNREACHABLE']);
  last().open();
  last().end();
  await settle();
  assert.equal(waits.at(-1)?.delayMs, 1_500);
});

test('a server without a place is asked again when it says', async () => {
  const { keeper, waits, last } = setUp();
  keeper.keep(true);
  last().fail(new McpProblem('Full.', { code: 'NOTIFICATIONS_FULL', status: 503, retryAfterMs: 90_000 }));
  await settle();
  assert.ok((waits[0]?.delayMs ?? 0) >= 90_000);
});

test('a token that has run out leads to a handshake and not to another try', async () => {
  const { keeper, waits, handshakes, last } = setUp();
  keeper.keep(true);
  last().fail(new McpProblem('Expired.', { code: 'ACCESS_TOKEN_EXPIRED', status: 401 }));
  await settle();
  assert.equal(handshakes(), 1);
  assert.deepEqual(waits, []);
});

test('the end of a stream of an earlier handshake opens nothing beside the present one', async () => {
  const { keeper, waits, attempts } = setUp();
  keeper.keep(true);
  keeper.keep(true);
  attempts[0]?.end();
  await settle();
  assert.equal(attempts.length, 2);
  assert.deepEqual(waits, []);
  keeper.stop();
  attempts[1]?.fail(unreachable());
  await settle();
  assert.deepEqual(waits, []);
});
