import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import fc from 'fast-check';
import { apiJsonBounds, parseJsonBody } from './json-body.ts';

test('every JSON value of bounded depth is read as it was written', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('"__proto__":') && !/\\\\u(0000|d[89a-f])/.test(text));
      assert.deepEqual(parseJsonBody(Buffer.from(text)), JSON.parse(text));
    }),
  );
});

test('the depth limit holds at its edge, and brackets in texts do not count', () => {
  const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
  assert.ok(Array.isArray(parseJsonBody(nested(apiJsonBounds.maxDepth))));
  assert.throws(() => parseJsonBody(nested(apiJsonBounds.maxDepth + 1)), /nested deeper/);
  const text = JSON.stringify({ a: `\\"${'[{'.repeat(100)}`, 'b"[': '["' });
  assert.deepEqual(parseJsonBody(Buffer.from(text)), JSON.parse(text));
});

test('a body of few bytes cannot become a heap full of values', () => {
  const list = (count: number): Buffer => Buffer.from(`[${'0,'.repeat(count - 1)}0]`);
  // The list itself counts, and the place of its first value.
  assert.ok(Array.isArray(parseJsonBody(list(apiJsonBounds.maxValues - 1))));
  for (const bytes of [list(apiJsonBounds.maxValues), Buffer.from(`{"a":[${'{},'.repeat(20_000)}{}]}`)])
    assert.throws(
      () => parseJsonBody(bytes),
      (error) => hasCode(error, 'MESSAGE_TOO_LARGE'),
    );
});

test('any bytes give a value or a refusal, never another error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        try {
          parseJsonBody(Buffer.from(bytes));
        } catch (error) {
          assert.ok(hasCode(error, 'BODY_INVALID') || hasCode(error, 'MESSAGE_TOO_DEEP'));
        }
      },
    ),
  );
});

test('a body cannot smuggle in a prototype', () => {
  for (const text of ['{"__proto__":{"isAdmin":true}}', '{"a":[{"__proto__":1}]}', '{"\\u005f_proto__":1}']) {
    assert.throws(() => parseJsonBody(Buffer.from(text)), /not allowed/);
  }
});

test('a text that nothing can store is refused, as key and as value', () => {
  for (const text of ['"a\\u0000b"', '{"a\\u0000":1}', '["\\ud800"]', '{"a":"\\udc00\\ud800"}']) {
    assert.throws(() => parseJsonBody(Buffer.from(text)), /NUL or with half a character/, text);
  }
  assert.equal(parseJsonBody(Buffer.from('"\\ud83d\\ude00 \\u00e9"')), '\u{1f600} \u00e9');
});
