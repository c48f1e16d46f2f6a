import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { saveFile } from './saved-file.ts';

const content = Buffer.from('what the server meant');
const sha256 = createHash('sha256').update(content).digest('hex');

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-saved-'));
  t.after(async () => await rm(folder, { recursive: true }));
  return folder;
}

test('a file that arrives as described stands under its name, and the next piece waits until one is written', async (t) => {
  const folder = await makeFolder(t);
  const target = join(folder, 'a');
  // Somebody put a link there that leads to a file which is none of it.
  await writeFile(join(folder, 'other'), 'untouched');
  await symlink(join(folder, 'other'), `${target}.incoming`);
  await saveFile({ target, sha256, maxBytes: content.length }, async (write) => {
    for (const byte of content) await write(Buffer.from([byte]));
    assert.deepEqual(await readFile(`${target}.incoming`), content);
    return 200;
  });
  assert.deepEqual(await readFile(target), content);
  assert.equal(await readFile(join(folder, 'other'), 'utf8'), 'untouched');
});

test('what is longer, other or no file at all is refused, leaves nothing, and keeps the file of before', async (t) => {
  const folder = await makeFolder(t);
  const target = join(folder, 'a');
  await writeFile(target, 'before');
  const expected = { target, sha256, maxBytes: content.length };
  let written = 0;
  const endless = async (write: (chunk: Buffer) => Promise<void>): Promise<number> => {
    for (; written < 1_000; written += 1) await write(content);
    return 200;
  };
  await assert.rejects(saveFile(expected, endless), { code: 'DOWNLOAD_DAMAGED' });
  assert.equal(written, 1, 'it is broken off at once');
  const answer = (chunk: string, status: number) => async (write: (chunk: Buffer) => Promise<void>) => {
    await write(Buffer.from(chunk));
    return status;
  };
  await assert.rejects(saveFile(expected, answer('another', 200)), { code: 'DOWNLOAD_DAMAGED' });
  await assert.rejects(saveFile(expected, answer(String(content), 503)), { code: 'DOWNLOAD_DAMAGED' });
  await assert.rejects(
    saveFile(expected, () => Promise.reject(new Error('cut off'))),
    /cut off/u,
  );
  assert.deepEqual(await readdir(folder), ['a']);
  assert.equal(await readFile(target, 'utf8'), 'before');
});
