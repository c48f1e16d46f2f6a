import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsTag, parseStrongTag } from './entity-tag.ts';

test('a tag continues a file only where it is strong and well-formed', () => {
  assert.equal(parseStrongTag('"abc"'), '"abc"');
  assert.equal(parseStrongTag('""'), '""');
  for (const header of [
    undefined,
    '',
    'abc',
    'W/"abc"',
    'w/"abc"',
    '"a"b"',
    '"a b"',
    'Tue, 01 Dec 2026 00:00:00 GMT',
    `"${'x'.repeat(201)}"`,
  ])
    assert.equal(parseStrongTag(header), undefined, String(header));
});

test('a list holds a tag, strongly or weakly as the header wants it', () => {
  assert.ok(holdsTag('"x", W/"abc"', '"abc"', 'weak'));
  assert.ok(!holdsTag('"x", W/"abc"', '"abc"', 'strong'));
  assert.ok(holdsTag('"abc"', '"abc"', 'strong'));
  assert.ok(holdsTag(' * ', '"abc"', 'strong'));
  assert.ok(!holdsTag('abc', '"abc"', 'weak'));
  assert.ok(!holdsTag(`"abc",${' '.repeat(5_000)}`, '"abc"', 'weak'));
});
