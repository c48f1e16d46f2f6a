import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, noWishes, stateOf, type TagState, toggleWish } from './tag-choice.ts';

/** The states that a tag goes through with so many clicks. */
function click(present: TagState, count: number): TagState[] {
  const states: TagState[] = [];
  let wishes = noWishes;
  for (let done = 0; done < count; done += 1) {
    wishes = toggleWish(wishes, 'lab', present);
    states.push(stateOf(wishes, 'lab', present));
  }
  return states;
}

test('what all or none have goes on and off; what some have can be left as it is again', () => {
  assert.deepEqual(click('off', 3), ['on', 'off', 'on']);
  assert.deepEqual(click('on', 3), ['off', 'on', 'off']);
  assert.deepEqual(click('some', 4), ['on', 'off', 'some', 'on']);
});

test('a wish for what is so already is no change', () => {
  const twice = toggleWish(toggleWish(noWishes, 'lab', 'off'), 'lab', 'off');
  assert.deepEqual(namesOf(twice), { add: [], remove: [] });
});

test('names are put on and taken off, each once, whatever their capitals', () => {
  let wishes = toggleWish(noWishes, 'lab', 'off');
  wishes = toggleWish(wishes, 'kiosk', 'on');
  assert.deepEqual(namesOf(wishes), { add: ['lab'], remove: ['kiosk'] });
  wishes = toggleWish(wishes, 'LAB', 'off');
  assert.deepEqual(namesOf(wishes), { add: [], remove: ['kiosk'] });
});
