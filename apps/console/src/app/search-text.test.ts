import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSearchText, writeSearchText } from './search-text.ts';

test('search parameters stand in the address as plain text', () => {
  assert.equal(
    writeSearchText({ status: 'online', search: 'web 12', group: undefined }),
    '?status=online&search=web+12',
  );
  assert.equal(writeSearchText({}), '');
});

test('what was written is read again', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ minLength: 1, unit: 'grapheme' })), (search) => {
      assert.deepEqual({ ...parseSearchText(writeSearchText(search)) }, { ...search });
    }),
  );
});
