import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import { HttpError } from './http.errors.ts';
import { defaultRequestLimits, RequestLimits, type RequestTurn } from './request-limits.ts';

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
  // Uploads that take for ever fill their own concurrency only.
  const uploads = ['product 2', 'product 3', 'product 4', 'product 5'].map((key) =>
    requestLimits.admit('mcp-logs', key, 1_000),
  );
  for (const upload of uploads.slice(0, 3)) await upload.take();
  const waits = assert.rejects(uploads[3]?.take() ?? Promise.resolve(), (error) =>
    hasCode(error, 'SERVER_BUSY'),
  );
  const claim = requestLimits.admit('mcp-commands', 'product 1', 100);
  await claim.take();
  claim.end();
  // Whoever waits and goes away takes nobody's turn.
  uploads[3]?.end();
  await waits;
  for (const upload of uploads) upload.end();
});

test('a caller has so many calls under way and no more, and gets their places back', () => {
  const requestLimits = new RequestLimits(standing);
  const { maxAtOnce } = defaultRequestLimits.classes['mcp-logs'];
  assert.ok(maxAtOnce !== undefined);
  const turns = Array.from({ length: maxAtOnce }, () => requestLimits.admit('mcp-logs', 'product 1', 0));
  assert.throws(
    () => requestLimits.admit('mcp-logs', 'product 1', 0),
    (error) => hasCode(error, 'RATE_LIMITED'),
  );
  requestLimits.admit('mcp-logs', 'product 2', 0).end();
  turns[0]?.end();
  turns[0]?.end();
  requestLimits.admit('mcp-logs', 'product 1', 0);
  assert.throws(
    () => requestLimits.admit('mcp-logs', 'product 1', 0),
    (error) => hasCode(error, 'RATE_LIMITED'),
  );
});

test('bodies of products have so many bytes together, announced before they are read', () => {
  const maxProductBodyBytes = 10_000_000;
  const requestLimits = new RequestLimits(standing, { ...defaultRequestLimits, maxProductBodyBytes });
  const upload = (product: number) => requestLimits.admit('mcp-logs', `product ${product}`, 1_000_000);
  const held = Array.from({ length: 10 }, (_, product) => upload(product));
  assert.throws(
    () => upload(10),
    (error) => hasCode(error, 'SERVER_BUSY'),
  );
  // Nothing was kept of the refused one, and small bodies of people count elsewhere.
  requestLimits.admit('api', 'administrator 1', 100_000).end();
  held[0]?.end();
  upload(10);
});

test('a product that sends more bytes than its rate is told when to come again', () => {
  const productBytes = { burst: 1_000_000, perSecond: 100_000 };
  const requestLimits = new RequestLimits(standing, { ...defaultRequestLimits, productBytes });
  requestLimits.admit('mcp-logs', 'product 1', 900_000).end();
  assert.throws(
    () => requestLimits.admit('mcp-logs', 'product 1', 300_000),
    (error) => error instanceof HttpError && error.code === 'RATE_LIMITED' && error.retryAfterMs === 2_000,
  );
  requestLimits.admit('mcp-logs', 'product 2', 300_000).end();
});

test('a product whose bodies cost more of the thread than its share is refused before they are read', async () => {
  // Whatever reading costs, it is more than this.
  const productThreadMs = { burst: 0.000_001, perSecond: 0.000_1 };
  const requestLimits = new RequestLimits(standing, { ...defaultRequestLimits, productThreadMs });
  const turn = requestLimits.admit('mcp-logs', 'product 1', 100);
  await turn.take();
  JSON.parse(JSON.stringify(Array.from({ length: 1_000 }, (_, index) => ({ index }))));
  turn.pause();
  turn.end();
  assert.throws(
    () => requestLimits.admit('mcp-commands', 'product 1', 100),
    (error) => hasCode(error, 'RATE_LIMITED'),
  );
  requestLimits.admit('mcp-commands', 'product 2', 100).end();
});

test('one key with all the calls that it may have, however slow, leaves places to the others', async () => {
  for (const requestClass of ['api-key', 'api-key-heavy'] as const) {
    const requestLimits = new RequestLimits(standing);
    const turns: RequestTurn[] = [];
    assert.throws(
      () => {
        for (;;) turns.push(requestLimits.admit(requestClass, 'key 1', 0));
      },
      (error) => hasCode(error, 'RATE_LIMITED'),
    );
    for (const turn of turns) await turn.take();
    const other = requestLimits.admit(requestClass, 'key 2', 0);
    await other.take();
    assert.equal(other.hasWaited, false, requestClass);
  }
});
