import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StopList } from './stop-list.ts';

test('parts end in the opposite order, and one that fails or hangs does not keep the others', async () => {
  const list = new StopList();
  const ended: string[] = [];
  const failures: string[] = [];
  list.add('first', async () => void ended.push('first'));
  list.add('hangs', () => new Promise(() => {}));
  list.add('fails', async () => {
    throw new Error('no');
  });
  list.add('last', async () => void ended.push('last'));
  await list.run((name) => failures.push(name), 20);
  assert.deepEqual(ended, ['last', 'first']);
  assert.deepEqual(failures, ['fails', 'hangs']);
});

test('whoever asks again waits for the same end', async () => {
  const list = new StopList();
  let count = 0;
  list.add('once', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    count += 1;
  });
  await Promise.all([list.run(), list.run()]);
  assert.equal(count, 1);
});
