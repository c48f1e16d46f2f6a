import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeCsvLine } from './csv.ts';

test('cells are quoted where they have to be', () => {
  assert.equal(
    encodeCsvLine(['plain', 'a,b', 'say "x"', 'two\nlines', null, true, 7]),
    'plain,"a,b","say ""x""","two\nlines",,true,7\r\n',
  );
});

test('a text that a spreadsheet would run gets an apostrophe in front', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '|x', '%x']) {
    assert.ok(encodeCsvLine([text]).replace('"', '').startsWith("'"), JSON.stringify(text));
  }
  assert.equal(encodeCsvLine([-1]), '-1\r\n', 'a number is a number');
  assert.equal(encodeCsvLine(['a=1']), 'a=1\r\n');
});

test('no text of any kind begins a cell as a formula', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const cell = encodeCsvLine([text]).replace(/^"/, '');
      assert.doesNotMatch(cell, /^\s*[=+\-@]/);
    }),
  );
});
