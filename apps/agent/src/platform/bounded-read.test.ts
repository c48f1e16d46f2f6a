import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBoundedRead } from './bounded-read.ts';

test('what is read in time is answered, and a failure is no answer', async () => {
  const read = createBoundedRead(60_000);
  assert.equal(await read(() => Promise.resolve(7)), 7);
  assert.equal(await read(() => Promise.reject(new Error('gone'))), undefined);
  assert.deepEqual(await Promise.all([read(async () => 1), read(async () => 2)]), [1, 2]);
});

test('what hangs is given up in time, nothing else is asked meanwhile, and all is asked again when it comes back', async () => {
  const read = createBoundedRead(20);
  const hanging = Promise.withResolvers<number>();
  let askedCount = 0;
  const ask = (): Promise<number> => {
    askedCount++;
    return hanging.promise;
  };
  assert.equal(await read(ask), undefined);
  assert.equal(await read(ask), undefined);
  assert.equal(askedCount, 1, 'a second question would keep a second thread');
  hanging.resolve(3);
  await hanging.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await read(ask), 3);
});
