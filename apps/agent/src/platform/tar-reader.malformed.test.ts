import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeTar, type TarMember } from './test-tar.ts';
import { unpackArchive } from './archive-unpack.ts';
import { createTemporaryFolder } from './test-folder.ts';

const limits = { maxEntries: 4, maxBytes: 4_096 };

async function unpack(t: TestContext, archive: Buffer): Promise<string> {
  const folder = createTemporaryFolder(t);
  const path = join(folder, 'archive');
  writeFileSync(path, archive);
  try {
    await unpackArchive(path, join(folder, 'unpacked'), limits);
  } catch (error) {
    assert.deepEqual(readdirSync(folder), ['archive'], 'nothing of a refused archive is left');
    throw error;
  }
  return join(folder, 'unpacked');
}

test('files and folders come out as they went in, readable for everybody and writable for none but the owner', async (t) => {
  const folder = await unpack(
    t,
    makeTar([
      { name: 'deep/', type: '5' },
      { name: 'deep/a.rules', content: 'a'.repeat(600) },
      { name: 'node', content: '', mode: 0o777 },
    ]),
  );
  assert.equal(readFileSync(join(folder, 'deep/a.rules'), 'utf8'), 'a'.repeat(600));
  assert.deepEqual(
    ['deep', 'deep/a.rules', 'node'].map((name) => statSync(join(folder, name)).mode & 0o777),
    [0o755, 0o644, 0o755],
  );
});

const file = { name: 'a', content: 'x' };
const refused: readonly (readonly [string, readonly TarMember[]])[] = [
  ['a way out of the folder', [{ ...file, name: '../a' }]],
  ['a way out in the middle', [{ ...file, name: 'a/../../b' }]],
  ['an absolute path', [{ ...file, name: '/etc/passwd' }]],
  ['a hidden name', [{ ...file, name: '.a' }]],
  ['an empty segment', [{ ...file, name: 'a//b' }]],
  ['a backslash', [{ ...file, name: 'a\\b' }]],
  ['a control character', [{ ...file, name: 'a\nb' }]],
  ['a name that is none', [{ ...file, name: '' }]],
  ['a folder too deep', [{ ...file, name: 'a/b/c/d/e/f/g/h/i' }]],
  ['a link', [{ name: 'a', type: '2' }]],
  ['a hard link', [{ name: 'a', type: '1' }]],
  ['a device', [{ name: 'a', type: '3' }]],
  ['a long name of another format', [{ ...file, type: 'L' }]],
  ['a header of another format', [{ ...file, type: 'x' }]],
  ['another format', [{ ...file, magic: 'ustar  \u0000' }]],
  ['a wrong sum', [{ ...file, sum: '000000\u0000 ' }]],
  ['a length that is no number', [{ ...file, size: '9zzzzzzzzzz' }]],
  ['a length in base 256', [{ ...file, size: '\u0080\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001' }]],
  ['a folder with content', [{ name: 'a', type: '5', content: 'x' }]],
  ['a name twice', [file, file]],
  ['a file below a file', [file, { ...file, name: 'a/b' }]],
  ['a file that was a folder', [{ ...file, name: 'a/b' }, file]],
  ['too many entries', ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...file, name }))],
  ['too many bytes', [{ name: 'a', content: 'x'.repeat(4_097) }]],
  ['more than there is', [{ ...file, size: '00000003000' }]],
];

for (const [what, members] of refused) {
  test(`an archive with ${what} is refused, and leaves nothing`, async (t) => {
    await assert.rejects(unpack(t, makeTar(members)), { code: 'ARCHIVE_INVALID' });
  });
}

test('an archive that is cut at any place, or has something behind its end, is refused', async (t) => {
  const whole = makeTar([file, { ...file, name: 'b' }]);
  for (const length of [0, 1, 511, 512, 513, 1_024, 1_536, 2_048, 2_559, whole.length - 1])
    await assert.rejects(unpack(t, whole.subarray(0, length)), { code: 'ARCHIVE_INVALID' }, String(length));
  const more = Buffer.concat([whole, makeTar([{ ...file, name: 'c' }])]);
  await assert.rejects(unpack(t, more), { code: 'ARCHIVE_INVALID' });
  const dirty = Buffer.from(whole);
  dirty[512 + 2] = 1;
  await assert.rejects(unpack(t, dirty), { code: 'ARCHIVE_INVALID' }, 'between two files');
  assert.ok(existsSync(await unpack(t, Buffer.concat([whole, Buffer.alloc(8_192)]))), 'writers pad the end');
});
