import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { hasCode } from '@holdfast/kernel';
import fc from 'fast-check';
import { unpackBody } from './gzip-body.ts';

const bounds = { maxPackedBytes: 4_096, maxBytes: 65_536 };

async function refusal(body: Buffer, encoding = 'gzip', gzip: typeof bounds | null = bounds) {
  try {
    await unpackBody(body, encoding, gzip ?? undefined);
  } catch (error) {
    for (const code of ['MESSAGE_TOO_LARGE', 'BODY_INVALID', 'CONTENT_TYPE_UNSUPPORTED'] as const)
      if (hasCode(error, code)) return code;
    throw error;
  }
  return 'taken';
}

function withLength(body: Buffer, length: number): Buffer {
  const changed = Buffer.from(body);
  changed.writeUInt32LE(length, changed.length - 4);
  return changed;
}

test('what was packed comes out as it was, up to the bound', async () => {
  for (const size of [0, 1, 1_000, bounds.maxBytes]) {
    const bytes = Buffer.alloc(size, 'log entry ');
    assert.deepEqual(await unpackBody(gzipSync(bytes), 'GZIP', bounds), bytes);
  }
  assert.deepEqual(await unpackBody(Buffer.from('{}'), 'identity', undefined), Buffer.from('{}'));
});

test('a body that says that it is too large is refused, and so is one that lies about it', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000));
  assert.ok(bomb.length < bounds.maxPackedBytes);
  assert.equal(await refusal(bomb), 'MESSAGE_TOO_LARGE');
  assert.equal(await refusal(withLength(bomb, 10)), 'MESSAGE_TOO_LARGE');
  assert.equal(await refusal(withLength(bomb, bounds.maxBytes)), 'MESSAGE_TOO_LARGE');
  assert.equal(await refusal(gzipSync(randomBytes(bounds.maxPackedBytes))), 'MESSAGE_TOO_LARGE');
  assert.equal(await refusal(gzipSync(Buffer.alloc(bounds.maxBytes + 1))), 'MESSAGE_TOO_LARGE');
});

test('two members, bytes behind the end and a wrong length are refused', async () => {
  const member = gzipSync(Buffer.from('{"a":1}'));
  // Members that follow each other add up; each of these announces less than all of them hold.
  assert.notEqual(await refusal(Buffer.concat([member, member])), 'taken');
  assert.notEqual(await refusal(Buffer.concat([member, Buffer.from('garbage!')])), 'taken');
  assert.notEqual(await refusal(withLength(member, 8)), 'taken');
  assert.notEqual(await refusal(withLength(member, 6)), 'taken');
});

test('a body cut anywhere, or with one byte changed, is refused or the same', async () => {
  const bytes = Buffer.from(JSON.stringify({ entries: 'x'.repeat(200) }));
  const member = gzipSync(bytes);
  for (let length = 0; length < member.length; length += 1) {
    assert.notEqual(await refusal(member.subarray(0, length)), 'taken', String(length));
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(member.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(member);
      changed[at] = (changed[at] ?? 0) ^ flip;
      const outcome = await refusal(changed);
      if (outcome === 'taken') assert.deepEqual(await unpackBody(changed, 'gzip', bounds), bytes);
    }),
    { numRuns: 200 },
  );
});

test('another encoding, and gzip where it is not expected, are not supported', async () => {
  assert.equal(await refusal(Buffer.from('{}'), 'br'), 'CONTENT_TYPE_UNSUPPORTED');
  assert.equal(await refusal(gzipSync('{}'), 'gzip, gzip'), 'CONTENT_TYPE_UNSUPPORTED');
  assert.equal(await refusal(gzipSync('{}'), 'gzip', null), 'CONTENT_TYPE_UNSUPPORTED');
});
