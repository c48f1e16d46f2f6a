import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AppError } from '@holdfast/kernel';
import fc from 'fast-check';
import { applyIncrement } from './apply-increment.ts';
import { makeIncrement } from './make-increment.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'increments-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

/** Small alphabets make what is repeated, moved and nearly the same; line feeds make records. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.array(fc.constantFrom(10, 65, 66, 67), { maxLength: 400 }).map((list) => Uint8Array.from(list)),
  fc
    .array(fc.constantFrom('one\n', 'two\n', 'three', '\n'), { maxLength: 60 })
    .map((list) => Buffer.from(list.join(''))),
);

/** An old file and a new one made of its parts, some of them changed, and of others. */
const pairs = fc
  .tuple(
    bytes,
    fc.array(
      fc.oneof(
        fc.record({ from: fc.nat(400), length: fc.nat(300), change: fc.option(fc.nat(300)) }),
        fc.record({ bytes }),
      ),
      { maxLength: 6 },
    ),
  )
  .map(([old, parts]) => {
    const fresh = parts.map((part) => {
      if ('bytes' in part) return part.bytes;
      const copied = Uint8Array.from(old.subarray(part.from, part.from + part.length));
      if (part.change !== null && part.change < copied.length)
        copied[part.change] = (copied[part.change] ?? 0) ^ 0x55;
      return copied;
    });
    return { old, fresh: new Uint8Array(Buffer.concat(fresh)) };
  });

async function makeOf(old: Uint8Array, fresh: Uint8Array): Promise<void> {
  await writeFile(at('old'), old);
  await writeFile(at('new'), fresh);
  await makeIncrement({ oldFile: at('old'), newFile: at('new'), into: at('increment') });
}

const apply = (expectedLength: number): Promise<void> =>
  applyIncrement({ oldFile: at('old'), incrementFile: at('increment'), into: at('result'), expectedLength });

test('whatever the two files are, the new one comes out', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ({ old, fresh }) => {
      await makeOf(old, fresh);
      await apply(fresh.length);
      assert.deepEqual(new Uint8Array(await readFile(at('result'))), fresh);
    }),
    { numRuns: 60 },
  );
});

test('an increment that was changed anywhere is refused with a code, or yields the new file', async () => {
  const changes = fc.array(fc.record({ at: fc.nat(10_000), to: fc.nat(255) }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(
      pairs,
      fc.array(changes, { minLength: 8, maxLength: 8 }),
      async ({ old, fresh }, all) => {
        await makeOf(old, fresh);
        const whole = await readFile(at('increment'));
        for (const one of all) {
          const damaged = Buffer.from(whole);
          for (const change of one) damaged[change.at % damaged.length] = change.to;
          await writeFile(at('increment'), damaged);
          await rm(at('result'), { force: true });
          try {
            await apply(fresh.length);
            assert.deepEqual(new Uint8Array(await readFile(at('result'))), fresh);
          } catch (error) {
            assert.ok(error instanceof AppError, String(error));
            assert.deepEqual((await readdir(folder)).sort(), ['increment', 'new', 'old']);
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('bytes that nobody made as an increment are refused with a code', async () => {
  await makeOf(Buffer.from('one\ntwo\n'), Buffer.from('one\ntwo\nthree\n'));
  const whole = await readFile(at('increment'));
  await rm(at('result'), { force: true });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(90),
      fc.constantFrom(1, 2, 3),
      fc.uint8Array({ maxLength: 200 }),
      async (kept, encoding, other) => {
        const made = Buffer.concat([whole.subarray(0, kept), other]);
        if (made.length > 9) made[9] = encoding;
        await writeFile(at('increment'), made);
        await assert.rejects(apply(14), (error) => error instanceof AppError);
      },
    ),
    { numRuns: 150 },
  );
});
