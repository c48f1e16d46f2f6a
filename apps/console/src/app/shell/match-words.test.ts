import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesWords } from './match-words.ts';

test('words of the query may stand in any order', () => {
  assert.equal(matchesWords('Berlin / Sales', 'sales ber'), true);
  assert.equal(matchesWords('Berlin / Sales', ''), true);
  assert.equal(matchesWords('Berlin / Sales', 'sales oslo'), false);
});
