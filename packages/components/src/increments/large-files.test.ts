import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { makeIncrement } from './make-increment.ts';

const run = promisify(execFile);
const program = new URL('./memory.test-process.ts', import.meta.url).pathname;

async function openFolder(t: TestContext): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), 'increments-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** Bytes that nothing compresses, the same in each run. */
function noise(length: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}

test('what lies behind the first four gigabytes of a file is found and copied', async (t) => {
  const at = await openFolder(t);
  const parts = [noise(700_000, 'one'), noise(700_000, 'two')] as const;
  const old = await open(at('old'), 'w');
  await old.write(parts[0], 0, parts[0].length, 2 ** 31 - 1_000);
  await old.write(parts[1], 0, parts[1].length, 2 ** 32 + 5_000_000);
  await old.truncate(2 ** 32 + 2 ** 23);
  await old.close();
  await writeFile(at('new'), Buffer.concat([parts[1], noise(300, 'between'), parts[0]]));
  // It is applied once before it is handed out, so it yields the new file.
  const { length } = await makeIncrement({
    oldFile: at('old'),
    newFile: at('new'),
    into: at('increment'),
    memoryBound: 2 ** 28,
  });
  assert.ok(length < 2_000, `${length} bytes`);
});

test('making keeps to its bound and applying to 128 MiB, although the files are larger', async (t) => {
  const at = await openFolder(t);
  const bound = 2 ** 28;
  const length = 40 * 2 ** 20;
  const block = noise(2 ** 20, 'block');
  for (const [name, change] of [
    ['old', 'before'],
    ['new', 'after'],
  ] as const) {
    const file = await open(at(name), 'w');
    // Each part has something new in it, and the second one moves.
    for (let part = 0; part < 2; part++) {
      const offset = (part === 1 && name === 'new' ? 34 : part * 10) * 2 ** 20;
      await file.write(block, 0, block.length, offset);
      await file.write(noise(2_000, `${change}${part}`), 0, 2_000, offset + 5_000);
    }
    await file.truncate(length);
    await file.close();
  }
  const made = await run(process.execPath, [
    program,
    'make',
    at('old'),
    at('new'),
    at('increment'),
    String(bound),
  ]);
  assert.ok(Number(made.stdout) < bound, `${made.stdout} bytes to make`);
  const { size } = await stat(at('increment'));
  assert.ok(size < 8_000, `${size} bytes`);
  const applied = await run(process.execPath, [
    program,
    'apply',
    at('old'),
    at('increment'),
    at('result'),
    String(length),
  ]);
  assert.ok(Number(applied.stdout) < 2 ** 27, `${applied.stdout} bytes to apply`);
  assert.equal(Buffer.compare(await readFile(at('result')), await readFile(at('new'))), 0);
});
