import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLiveEvent } from './live-event.ts';

test('an event of a known kind is read', () => {
  assert.deepEqual(parseLiveEvent('{"type":"groups"}'), { type: 'groups' });
});

test('an event of an unknown kind is passed over', () => {
  assert.equal(parseLiveEvent('{"type":"weather"}'), undefined);
  assert.equal(parseLiveEvent('{"type":"toString"}'), undefined);
});

test('what is no event at all is passed over', () => {
  for (const data of ['', '{', 'null', '[]', '"hello"', '{"type":1}', '{}']) {
    assert.equal(parseLiveEvent(data), undefined, data);
  }
});

test('an event hides nothing', () => {
  const event = { type: 'jobs', text: 'a\u202eb\u200bc' };
  assert.deepEqual(parseLiveEvent(JSON.stringify(event)), { type: 'jobs', text: 'a\uFFFDb\uFFFDc' });
});
