import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOffTheWord, isTyped } from './typed-word.ts';

test('only the whole word opens the way, in any letters and with blanks around it', () => {
  assert.equal(isTyped('laptop-17', 'laptop-17'), true);
  assert.equal(isTyped(' Laptop-17 ', 'laptop-17'), true);
  for (const typed of ['', 'laptop', 'laptop-1', 'laptop-170', 'lap top-17'])
    assert.equal(isTyped(typed, 'laptop-17'), false, typed);
});

test('a word that is half typed is no fault, and another word is one', () => {
  for (const typed of ['', ' ', 'l', 'Lapt', 'laptop-17'])
    assert.equal(isOffTheWord(typed, 'laptop-17'), false, typed);
  for (const typed of ['x', 'laptop-2', 'laptop-17x'])
    assert.equal(isOffTheWord(typed, 'laptop-17'), true, typed);
});
