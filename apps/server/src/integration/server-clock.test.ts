/** Starts of the server by a clock that is wrong: each ends with what is wrong and what to do, and leaves everything as it was. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AppError, type Clock, systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { loadConfig } from '../config/config.ts';
import { makeHome } from '../platform/home/home.ts';
import { openKeys } from '../platform/keys/key-store.ts';
import { startServer } from '../server.ts';
import { createTestToken, TestProduct } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const YEAR_MS = 365.25 * 86_400_000;
let folder: string;
/** Gives a database with a product in it. */
let world: TestServer;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-clock-'));
  world = await startTestServer();
  await new TestProduct(world).join(await createTestToken(world));
});
after(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

/** What a start at this time ends with. */
async function failureAt(home: string, nowMs: number): Promise<AppError> {
  const config = loadConfig({
    HOLDFAST_HOME: home,
    HOLDFAST_HOST: '127.0.0.1',
    HOLDFAST_PORT: '0',
    HOLDFAST_UDP_PORT: 'off',
    HOLDFAST_DATABASE_URL: world.database.url,
  });
  const clock: Clock = { now: () => nowMs, monotonic: () => systemClock.monotonic() };
  try {
    const server = await startServer(config, {
      onProgress: () => {},
      writeWarning: () => {},
      onFatal: (error) => assert.fail(String(error)),
      signal: new AbortController().signal,
      clock,
    });
    await server.stop();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error;
  }
  return assert.fail('the server started');
}

/** A home with keys that were made at this time. */
async function makeKeys(name: string, nowMs: number): Promise<{ home: string; keys: string }> {
  const home = path.join(folder, name);
  const { keys } = await makeHome(home);
  const log = pino({ level: 'silent' });
  await openKeys({ folder: keys, log, nowMs, hasProducts: async () => false });
  return { home, keys };
}

test('in 1970 nothing is made, and the clock is named as what is wrong', async () => {
  const home = path.join(folder, 'first');
  const failure = await failureAt(home, 60_000);
  assert.deepEqual([failure.code, failure.retry], ['CLOCK_IMPLAUSIBLE', 'safe']);
  assert.match(failure.message, /1970-01-01T00:01:00.000Z/);
  assert.match(failure.remedy ?? '', /Set the clock/);
  assert.deepEqual(await readdir(path.join(home, 'keys')), []);
  const { home: second, keys } = await makeKeys('second', systemClock.now());
  const before = await readdir(keys);
  assert.equal((await failureAt(second, 60_000)).code, 'CLOCK_IMPLAUSIBLE');
  assert.deepEqual(await readdir(keys), before, 'no certificate was issued either');
});

test('ten years later, and before its beginning, the authority is named with both ways out', async () => {
  const { home, keys } = await makeKeys('third', systemClock.now());
  const before = await readdir(keys);
  const ended = await failureAt(home, systemClock.now() + 11 * YEAR_MS);
  assert.equal(ended.code, 'AUTHORITY_ENDED');
  assert.match(ended.remedy ?? '', /holdfast authority renew --now.*set it/s);
  const { home: ahead } = await makeKeys('ahead', systemClock.now() + YEAR_MS);
  const early = await failureAt(ahead, systemClock.now());
  assert.equal(early.code, 'AUTHORITY_NOT_YET_VALID');
  assert.match(early.remedy ?? '', /holdfast authority renew --now.*set it/s);
  assert.deepEqual(await readdir(keys), before);
});
