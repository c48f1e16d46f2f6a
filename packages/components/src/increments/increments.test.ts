import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { hasCode } from '@holdfast/kernel';
import { applyIncrement } from './apply-increment.ts';
import { encodeIncrementHeader } from './increment-header.ts';
import { makeIncrement } from './make-increment.ts';

interface Place {
  readonly folder: string;
  readonly oldFile: string;
  readonly newFile: string;
  readonly incrementFile: string;
  readonly into: string;
}

async function openPlace(
  t: TestContext,
  old: Uint8Array | string,
  fresh: Uint8Array | string,
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'increments-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const place = {
    folder,
    oldFile: join(folder, 'old'),
    newFile: join(folder, 'new'),
    incrementFile: join(folder, 'increment'),
    into: join(folder, 'result'),
  };
  await writeFile(place.oldFile, old);
  await writeFile(place.newFile, fresh);
  return place;
}

const make = (place: Place) =>
  makeIncrement({ oldFile: place.oldFile, newFile: place.newFile, into: place.incrementFile });

const apply = (place: Place, expectedLength: number, signal?: AbortSignal) =>
  applyIncrement({
    oldFile: place.oldFile,
    incrementFile: place.incrementFile,
    into: place.into,
    expectedLength,
    ...(signal === undefined ? {} : { signal }),
  });

/** Nothing is left, neither under the name of the result nor beside it. */
async function refused(place: Place, promise: Promise<unknown>, code: string): Promise<void> {
  const before = new Set(['old', 'new', 'increment']);
  await assert.rejects(promise, (error) => hasCode(error, code));
  assert.deepEqual(
    (await readdir(place.folder)).filter((name) => !before.has(name)),
    [],
  );
}

function lines(count: number, seed: string): string[] {
  return Array.from({ length: count }, (_, place) =>
    createHash('md5')
      .update(`${seed}${place}`)
      .digest('hex')
      .concat(`:${place % 977}:Name-${place}`),
  );
}

/** A thousand daily lines: some go, some come, all over the file. */
function dailyChange(): { old: string; fresh: string } {
  const before = lines(2_000, 'old');
  const after = before.filter((_, place) => place % 397 !== 3);
  for (const [place, line] of lines(9, 'new').entries()) after.splice(place * 211, 0, line);
  return { old: `${before.join('\n')}\n`, fresh: `${after.join('\n')}\n` };
}

test('lines that come and go cost little more than themselves', async (t) => {
  const { old, fresh } = dailyChange();
  const place = await openPlace(t, old, fresh);
  const { encoding, length } = await make(place);
  assert.equal(encoding, 'record-edits');
  assert.ok(length < 450, `${length} bytes`);
  await apply(place, fresh.length);
  assert.equal(await readFile(place.into, 'utf8'), fresh);
});

test('of bytes without lines only what is new is sent', async (t) => {
  const old = randomBytes(300_000);
  const fresh = Buffer.concat([old.subarray(1_000, 150_000), randomBytes(700), old.subarray(149_000)]);
  const place = await openPlace(t, old, fresh);
  const { length } = await make(place);
  assert.ok(length < 1_100, `${length} bytes`);
  await apply(place, fresh.length);
  assert.deepEqual(await readFile(place.into), fresh);
});

const shapes: Record<string, [string, string]> = {
  'nothing to nothing': ['', ''],
  'nothing to something': ['', 'one\ntwo\n'],
  'something to nothing': ['one\ntwo\n', ''],
  'no change': ['one\ntwo\n', 'one\ntwo\n'],
  'no line feed at the end of the old file': ['one\ntwo', 'one\ntwo\nthree'],
  'no line feed at the end of the new file': ['one\ntwo\n', 'one\ntwo'],
  'only line feeds': ['\n\n\n', '\n\n'],
  'equal lines': ['a\na\nb\na\n', 'a\nb\na\na\n'],
  'lines that change places': ['1\n2\n3\n4\n', '3\n4\n1\n2\n'],
};
for (const [name, [old, fresh]] of Object.entries(shapes)) {
  test(`a file of this shape comes out as it is: ${name}`, async (t) => {
    const place = await openPlace(t, old, fresh);
    await make(place);
    await apply(place, fresh.length);
    assert.equal(await readFile(place.into, 'utf8'), fresh);
  });
}

test('an increment cut short anywhere is refused, and leaves nothing', async (t) => {
  for (const [old, fresh] of [
    ['one\ntwo\nthree\n', 'one\n2\nthree\nfour\n'],
    [randomBytes(3_000), randomBytes(30)],
  ] as const) {
    const place = await openPlace(t, old, fresh);
    await make(place);
    const whole = await readFile(place.incrementFile);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(place.incrementFile, whole.subarray(0, length));
      await refused(place, apply(place, fresh.length), 'INCREMENT_DAMAGED');
    }
    await writeFile(place.incrementFile, Buffer.concat([whole, Buffer.of(0)]));
    await refused(place, apply(place, fresh.length), 'INCREMENT_DAMAGED');
  }
});

test('another base is refused, whether its length differs or only a byte', async (t) => {
  const { old, fresh } = dailyChange();
  const place = await openPlace(t, old, fresh);
  await make(place);
  for (const other of [`${old}x`, old.replace('Name-7\n', 'Name_7\n'), '']) {
    await writeFile(place.oldFile, other);
    await refused(place, apply(place, fresh.length), 'INCREMENT_BASE_WRONG');
  }
});

test('an increment that promises another length than the signed one is refused', async (t) => {
  const place = await openPlace(t, 'one\n', 'one\ntwo\n');
  await make(place);
  await refused(place, apply(place, 7), 'INCREMENT_LENGTH_WRONG');
  await refused(place, apply(place, 9), 'INCREMENT_LENGTH_WRONG');
});

test('a newer version and an unknown encoding are refused as such', async (t) => {
  const place = await openPlace(t, 'one\n', 'one\ntwo\n');
  await make(place);
  const whole = await readFile(place.incrementFile);
  for (const at of [8, 9]) {
    const other = Buffer.from(whole);
    other[at] = 99;
    await writeFile(place.incrementFile, other);
    await refused(place, apply(place, 8), 'INCREMENT_UNSUPPORTED');
  }
});

test('a small increment that yields much is stopped at the signed length', async (t) => {
  const place = await openPlace(t, 'one\n', '');
  const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  const header = encodeIncrementHeader({
    encoding: 'record-edits',
    baseLength: 4,
    baseSha256: sha256('one\n'),
    resultLength: 100,
    resultSha256: sha256('whatever'),
  });
  // One edit (keep nothing, drop nothing, add one record), and then a record of 64 MiB.
  const script = Buffer.concat([Buffer.of(4, 1, 0, 0, 1), Buffer.alloc(64 * 2 ** 20)]);
  const bomb = Buffer.concat([header, Buffer.of(0), brotliCompressSync(script, { params: { 1: 3 } })]);
  assert.ok(bomb.length < 10_000);
  await writeFile(place.incrementFile, bomb);
  // It ends there, and is not first written and then found to be too long.
  await assert.rejects(apply(place, 100), { facts: { reason: 'it yields more than it says' } });
  await refused(place, apply(place, 100), 'INCREMENT_DAMAGED');
});

test('the old file is never the result, by whatever name', async (t) => {
  const place = await openPlace(t, 'one\n', 'one\ntwo\n');
  await make(place);
  const linked = join(place.folder, 'linked');
  const hard = join(place.folder, 'hard');
  await symlink(place.oldFile, linked);
  await link(place.oldFile, hard);
  for (const into of [place.oldFile, linked, hard, place.incrementFile]) {
    await assert.rejects(apply({ ...place, into }, 8), (error) => hasCode(error, 'INCREMENT_IN_PLACE'), into);
  }
  assert.equal(await readFile(place.oldFile, 'utf8'), 'one\n');
});

test('a file that has the name of the result stays as it was when the increment is refused', async (t) => {
  const place = await openPlace(t, 'one\n', 'one\ntwo\n');
  await make(place);
  await writeFile(place.into, 'before');
  await writeFile(place.incrementFile, '');
  await assert.rejects(apply(place, 8), (error) => hasCode(error, 'INCREMENT_DAMAGED'));
  assert.equal(await readFile(place.into, 'utf8'), 'before');
});

test('what a killed process left beside the result is replaced, and a link there is not followed', async (t) => {
  const place = await openPlace(t, 'one\n', 'one\ntwo\n');
  await make(place);
  const elsewhere = join(place.folder, 'elsewhere');
  await writeFile(elsewhere, 'untouched');
  await symlink(elsewhere, `${place.into}.unverified`);
  await apply(place, 8);
  assert.equal(await readFile(elsewhere, 'utf8'), 'untouched');
  assert.equal(await readFile(place.into, 'utf8'), 'one\ntwo\n');
});

test('whoever aborts gets the own reason, and nothing is left', async (t) => {
  const { old, fresh } = dailyChange();
  const place = await openPlace(t, old, fresh);
  await make(place);
  const reason = new Error('enough');
  await assert.rejects(apply(place, fresh.length, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const applied = apply(place, fresh.length, controller.signal);
  controller.abort(reason);
  await assert.rejects(applied, reason);
  assert.deepEqual((await readdir(place.folder)).sort(), ['increment', 'new', 'old']);
});

test('a missing file is told as a file that failed', async (t) => {
  const place = await openPlace(t, 'one\n', 'one\ntwo\n');
  await make(place);
  await rm(place.oldFile);
  await refused(place, apply(place, 8), 'INCREMENT_FILE_FAILED');
});
