import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { applyIncrement } from './apply-increment.ts';
import { createIncrementMaker } from './increment-maker.ts';

async function openFolder(t: TestContext): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), 'increments-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

test('increments that are asked for at once are made one after the other, each with its progress', async (t) => {
  const at = await openFolder(t);
  const old = randomBytes(100_000);
  const fresh = Buffer.concat([old.subarray(50_000), randomBytes(100), old.subarray(0, 50_000)]);
  await writeFile(at('old'), old);
  await writeFile(at('new'), fresh);
  const maker = createIncrementMaker();
  const parts: number[] = [];
  const files = { oldFile: at('old'), newFile: at('new') };
  const made = await Promise.all([
    maker.make({ ...files, into: at('one'), onProgress: (part) => parts.push(part) }),
    maker.make({ ...files, into: at('two') }),
  ]);
  assert.deepEqual(made[0], made[1]);
  assert.equal(parts.at(-1), 1);
  assert.deepEqual(
    parts,
    [...parts].sort((one, other) => one - other),
  );
  for (const name of ['one', 'two']) {
    assert.equal((await readFile(at(name))).length, made[0].length);
    await applyIncrement({
      oldFile: at('old'),
      incrementFile: at(name),
      into: at('result'),
      expectedLength: fresh.length,
    });
    assert.deepEqual(await readFile(at('result')), fresh);
  }
});

test('abort ends the work in its middle, leaves nothing, and the next one is made', async (t) => {
  const at = await openFolder(t);
  await writeFile(at('old'), randomBytes(2_000_000));
  await writeFile(at('new'), randomBytes(2_000_000));
  await writeFile(at('small'), 'small\n');
  const maker = createIncrementMaker();
  const controller = new AbortController();
  const reason = new Error('enough');
  const made = maker.make({
    oldFile: at('old'),
    newFile: at('new'),
    into: at('increment'),
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  const next = maker.make({ oldFile: at('small'), newFile: at('small'), into: at('other') });
  await assert.rejects(made, reason);
  await next;
  assert.deepEqual((await readdir(at('.'))).sort(), ['new', 'old', 'other', 'small']);
});

test('what is refused in the thread has its code outside', async (t) => {
  const at = await openFolder(t);
  await writeFile(at('old'), 'one');
  const maker = createIncrementMaker();
  await assert.rejects(
    maker.make({ oldFile: at('old'), newFile: at('missing'), into: at('increment') }),
    (error) => hasCode(error, 'INCREMENT_FILE_FAILED'),
  );
  await assert.rejects(maker.make({ oldFile: at('old'), newFile: at('old'), into: at('old') }), (error) =>
    hasCode(error, 'INCREMENT_IN_PLACE'),
  );
});
