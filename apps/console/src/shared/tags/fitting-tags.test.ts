import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFittingTags } from './fitting-tags.ts';

test('as many tags are shown as can be read, and room is kept to count the rest', () => {
  assert.equal(countFittingTags(['lab', 'VIP'], 110), 2);
  assert.equal(countFittingTags(['lab', 'VIP', 'kiosk'], 110), 1);
  assert.equal(countFittingTags(['lab', 'VIP', 'kiosk'], 400), 3);
});

test('one tag is shown however long it is', () => {
  assert.equal(countFittingTags(['x'.repeat(40), 'a'], 110), 1);
});
