import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyIncrement } from './apply-increment.ts';
import { incrementEncodings } from './increment-header.ts';

interface Vector {
  readonly encoding: string;
  readonly old: string;
  readonly new: string;
  readonly increment: string;
}

const vectors = JSON.parse(
  await readFile(new URL('./vectors/increments.json', import.meta.url), 'utf8'),
) as Vector[];

test('there is a vector of each encoding', () => {
  assert.deepEqual(vectors.map(({ encoding }) => encoding).sort(), [...incrementEncodings].sort());
});

for (const vector of vectors) {
  test(`an increment that an earlier program made is still applied: ${vector.encoding}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'increments-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const [oldFile, incrementFile, into] = ['old', 'increment', 'result'].map((name) => join(folder, name));
    if (oldFile === undefined || incrementFile === undefined || into === undefined)
      throw new Error('no paths');
    await writeFile(oldFile, Buffer.from(vector.old, 'base64'));
    await writeFile(incrementFile, Buffer.from(vector.increment, 'base64'));
    const expected = Buffer.from(vector.new, 'base64');
    await applyIncrement({ oldFile, incrementFile, into, expectedLength: expected.length });
    assert.deepEqual(await readFile(into), expected);
  });
}
