import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import {
  encodeIncrementHeader,
  type IncrementHeader,
  MAX_HEADER_BYTES,
  parseIncrementHeader,
} from './increment-header.ts';

const header: IncrementHeader = {
  encoding: 'copy-add',
  baseLength: 5,
  baseSha256: new Uint8Array(32).fill(1),
  resultLength: Number.MAX_SAFE_INTEGER,
  resultSha256: new Uint8Array(32).fill(2),
};

test('a header is read as it was written, whatever stands behind it', () => {
  const bytes = encodeIncrementHeader(header);
  const { length, ...read } = parseIncrementHeader(Buffer.concat([bytes, Buffer.from('more')]));
  assert.deepEqual(read, header);
  assert.equal(length, bytes.length);
  assert.ok(length <= MAX_HEADER_BYTES);
});

test('a header cut short anywhere is refused', () => {
  const bytes = encodeIncrementHeader(header);
  for (let length = 0; length < bytes.length; length++)
    assert.throws(
      () => parseIncrementHeader(bytes.subarray(0, length)),
      (error) => hasCode(error, 'INCREMENT_DAMAGED'),
    );
});

const magic = [0x8f, 0x48, 0x46, 0x49, 0x4e, 0x43, 0x0d, 0x0a];
const refused: Record<string, number[]> = {
  'another file': [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 1, 1],
  'changed line endings': [0x8f, 0x48, 0x46, 0x49, 0x4e, 0x43, 0x0a, 1, 1],
  'a length that is longer than it has to be': [...magic, 1, 1, 0x85, 0x00, 5],
  'a length above what is exact': [...magic, 1, 1, 255, 255, 255, 255, 255, 255, 255, 127, 5],
  'a length without an end': [...magic, 1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
};
for (const [name, start] of Object.entries(refused)) {
  test(`a header is refused that has ${name}`, () => {
    const bytes = Buffer.concat([Buffer.from(start), Buffer.alloc(80, 1)]);
    assert.throws(
      () => parseIncrementHeader(bytes),
      (error) => hasCode(error, 'INCREMENT_DAMAGED'),
    );
  });
}

for (const [name, start] of Object.entries({ version: [0, 2], encoding: [1, 0], 'later encoding': [1, 4] })) {
  test(`an unknown ${name} is told from damage`, () => {
    const bytes = Buffer.concat([Buffer.from([...magic, ...start]), Buffer.alloc(80, 1)]);
    assert.throws(
      () => parseIncrementHeader(bytes),
      (error) => hasCode(error, 'INCREMENT_UNSUPPORTED'),
    );
  });
}
