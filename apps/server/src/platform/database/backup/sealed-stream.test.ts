import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { createHashCheckingStream, createHashingStream } from './hashed-stream.ts';
import { CHUNK_BYTES, createOpeningStream, createSealingStream } from './sealed-stream.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const preamble = Buffer.from('preamble');
const TAG_BYTES = 16;

async function pass(stream: Transform, input: Buffer, pieceBytes = 10_000): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < input.length; offset += pieceBytes)
    pieces.push(input.subarray(offset, offset + pieceBytes));
  return await buffer(Readable.from(pieces).compose(stream));
}

const pairs = {
  sealed: { write: () => createSealingStream(key, preamble), read: () => createOpeningStream(key, preamble) },
  hashed: { write: () => createHashingStream(preamble), read: () => createHashCheckingStream(preamble) },
};

for (const [name, { write, read }] of Object.entries(pairs)) {
  describe(`a ${name} stream`, () => {
    for (const length of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 200_000]) {
      test(`of ${length} bytes comes back, however it is cut into pieces`, async () => {
        const content = randomBytes(length);
        const written = await pass(write(), content);
        for (const pieceBytes of [7_919, CHUNK_BYTES, 1 << 20]) {
          assert.deepEqual(await pass(read(), written, pieceBytes), content);
        }
      });
    }

    test('is refused with any bit changed, cut at any place, or made longer', async () => {
      const written = await pass(write(), randomBytes(CHUNK_BYTES + 500));
      for (let position = 0; position < written.length; position += 1_009) {
        const changed = Buffer.from(written);
        changed[position] = (changed[position] ?? 0) ^ 0x10;
        await assert.rejects(pass(read(), changed), (error) => hasCode(error, 'BACKUP_DAMAGED'));
        await assert.rejects(pass(read(), written.subarray(0, position)), (error) =>
          hasCode(error, 'BACKUP_DAMAGED'),
        );
      }
      // Exactly at the end of a chunk, where every chunk that is left is whole.
      const whole = written.subarray(0, CHUNK_BYTES + TAG_BYTES);
      await assert.rejects(pass(read(), whole), (error) => hasCode(error, 'BACKUP_DAMAGED'));
      await assert.rejects(pass(read(), Buffer.concat([written, Buffer.alloc(1)])), (error) =>
        hasCode(error, 'BACKUP_DAMAGED'),
      );
    });
  });
}

test('chunks in another order, twice, or from another file are refused', async () => {
  const size = CHUNK_BYTES + TAG_BYTES;
  const sealed = await pass(createSealingStream(key, preamble), randomBytes(3 * CHUNK_BYTES));
  const [first, second, third] = [0, 1, 2].map((index) =>
    sealed.subarray(index * size, (index + 1) * size),
  ) as [Buffer, Buffer, Buffer];
  for (const chunks of [
    [second, first, third],
    [first, first, third],
    [first, third],
    [first, second, third, third],
  ]) {
    await assert.rejects(pass(createOpeningStream(key, preamble), Buffer.concat(chunks)), (error) =>
      hasCode(error, 'BACKUP_DAMAGED'),
    );
  }
  await assert.rejects(pass(createOpeningStream(key, Buffer.from('another')), sealed), (error) =>
    hasCode(error, 'BACKUP_DAMAGED'),
  );
  const otherKey = createSecretKey(Buffer.alloc(32, 2));
  await assert.rejects(pass(createOpeningStream(otherKey, preamble), sealed), (error) =>
    hasCode(error, 'BACKUP_DAMAGED'),
  );
});
