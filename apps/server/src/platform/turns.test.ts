import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

test('of one key one thing is done after the other, also after one that failed, and other keys do not wait', async () => {
  const turns = new Turns();
  const done: string[] = [];
  let go = (): void => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const first = turns.take('one', async () => {
    await held;
    done.push('first');
    throw new Error('broken');
  });
  const second = turns.take('one', async () => {
    done.push('second');
    return 2;
  });
  await turns.take('two', async () => void done.push('other key'));
  go();
  await assert.rejects(first, /broken/);
  assert.equal(await second, 2);
  assert.deepEqual(done, ['other key', 'first', 'second']);
});
