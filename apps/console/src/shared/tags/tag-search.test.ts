import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchingTags, maxShownTags } from './tag-search.ts';

const tags = ['db:lab', 'kiosk', 'LAB', 'label'].map((name) => ({ name }));
const search = (typed: string, chosen: readonly string[] = []) =>
  matchingTags(tags, typed, (name) => chosen.includes(name)).shown.map((tag) => tag.name);

test('the tag of that very name comes first, then those that begin so, then those that hold it', () => {
  assert.deepEqual(search('lab'), ['LAB', 'label', 'db:lab']);
  assert.deepEqual(search(' KIO'), ['kiosk']);
  assert.deepEqual(search('nothing'), []);
});

test('without a word, chosen tags come first and the others keep their order', () => {
  assert.deepEqual(search('', ['label']), ['label', 'db:lab', 'kiosk', 'LAB']);
});

test('a long list is cut, and says how many are left out', () => {
  const many = Array.from({ length: maxShownTags + 5 }, (_, index) => ({ name: `t${index}` }));
  const { shown, restCount } = matchingTags(many, 't', () => false);
  assert.deepEqual([shown.length, restCount], [maxShownTags, 5]);
});
