import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from './clock/test-clock.ts';
import { BriefMemory } from './brief-memory.ts';

function createMemory() {
  const clock = createTestClock();
  const memory = new BriefMemory<number>(clock, 2_000);
  let asked = 0;
  const ask = async (): Promise<number> => {
    asked += 1;
    return asked;
  };
  return { clock, memory, ask };
}

const always = (): boolean => true;
const never = (): boolean => false;

test('an answer that is worth it is kept for its time and no longer', async () => {
  const { clock, memory, ask } = createMemory();
  assert.equal(await memory.recall('a', ask, always), 1);
  clock.advance(1_999);
  assert.equal(await memory.recall('a', ask, always), 1);
  assert.equal(await memory.recall('b', ask, always), 2);
  clock.advance(1);
  assert.equal(await memory.recall('a', ask, always), 3);
});

test('an answer that is cheap is asked for again, but not twice at once', async () => {
  const { memory, ask } = createMemory();
  assert.deepEqual(
    await Promise.all([memory.recall('a', ask, never), memory.recall('a', ask, never)]),
    [1, 1],
  );
  assert.equal(await memory.recall('a', ask, never), 2);
});

test('a failure is not kept', async () => {
  const { memory, ask } = createMemory();
  await assert.rejects(memory.recall('a', () => Promise.reject(new Error('away')), always));
  assert.equal(await memory.recall('a', ask, always), 1);
});

test('what is forgotten while it is being asked does not come back', async () => {
  const { memory, ask } = createMemory();
  const asking = memory.recall('a', ask, always);
  memory.forgetAll();
  assert.equal(await asking, 1);
  assert.equal(await memory.recall('a', ask, always), 2);
});

test('a question that takes longer than answers are kept is not asked again meanwhile', async () => {
  const { clock, memory } = createMemory();
  const { promise, resolve } = Promise.withResolvers<number>();
  let asked = 0;
  const slow = (): Promise<number> => {
    asked += 1;
    return promise;
  };
  const first = memory.recall('a', slow, always);
  clock.advance(5_000);
  const second = memory.recall('a', slow, always);
  resolve(7);
  assert.deepEqual(await Promise.all([first, second]), [7, 7]);
  clock.advance(1_999);
  assert.equal(await memory.recall('a', slow, always), 7);
  assert.equal(asked, 1);
});
