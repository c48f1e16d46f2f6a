import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone, Batches, type BatchesOptions } from './batches.ts';
import { DatabaseError } from './database/index.ts';

/** Batches whose work waits until the test lets it go on; `done` tells what was done together. */
function createBatches(options: Partial<BatchesOptions<string, string>> = {}) {
  const done: string[] = [];
  const gates: (() => void)[] = [];
  const batches = new Batches<string, string>({
    maxItems: 4,
    maxBatches: 1,
    maxAlone: 2,
    async doTogether(items) {
      done.push(items.join(''));
      await new Promise<void>((resolve) => gates.push(resolve));
      if (items.includes('x')) throw new Error('x cannot be done');
      return items.map((item) => (item === 'l' ? alone : item.toUpperCase()));
    },
    async doAlone(item) {
      done.push(`${item} alone`);
      if (item === 'x') throw new Error('x cannot be done, not even alone');
      return item.toUpperCase();
    },
    ...options,
  });
  return {
    done,
    do: (item: string) => batches.do(item),
    /** Lets go on whatever waits, until everything is over. */
    async finish<Result>(work: Promise<Result>): Promise<Result> {
      let isOver = false;
      void work.catch(() => {}).then(() => (isOver = true));
      while (!isOver) {
        gates.shift()?.();
        await new Promise(setImmediate);
      }
      return await work;
    },
  };
}

test('what comes first is begun at once, and what comes meanwhile is done together, in order and in bounds', async () => {
  const batches = createBatches();
  const work = Promise.all([...'abcdefgh'].map((item) => batches.do(item)));
  assert.deepEqual(batches.done, ['a']);
  assert.deepEqual(await batches.finish(work), [...'ABCDEFGH']);
  assert.deepEqual(batches.done, ['a', 'bcde', 'fgh']);
  const next = batches.do('i');
  assert.equal(batches.done.at(-1), 'i');
  assert.equal(await batches.finish(next), 'I');
});

test('one that fails fails alone, and its neighbours are done', async () => {
  const batches = createBatches();
  const work = Promise.allSettled([...'abxcd'].map((item) => batches.do(item)));
  const outcomes = await batches.finish(work);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason))),
    ['A', 'B', 'Error: x cannot be done, not even alone', 'C', 'D'],
  );
  assert.deepEqual(batches.done, ['a', 'bxcd', 'bx', 'b', 'x', 'x alone', 'cd']);
});

test('what a batch leaves out keeps no later one waiting, and no more of it is done at once than may be', async () => {
  const isAllowed = Promise.withResolvers<void>();
  let underWay = 0;
  let most = 0;
  const batches = createBatches({
    async doAlone(item) {
      underWay += 1;
      most = Math.max(most, underWay);
      await isAllowed.promise;
      underWay -= 1;
      return item.toUpperCase();
    },
  });
  const slow = Promise.all([...'llll'].map((item) => batches.do(item)));
  assert.equal(await batches.finish(batches.do('a')), 'A');
  isAllowed.resolve();
  assert.deepEqual(await batches.finish(slow), [...'LLLL']);
  assert.equal(most, 2);
});

test('a database that is away is told to everybody, and nothing is tried again', async () => {
  const away = new DatabaseError('DATABASE_UNAVAILABLE', 'The database does not answer.', {
    retry: 'outcome-unknown',
  });
  const batches = createBatches({
    async doTogether(items) {
      batches.done.push(items.join(''));
      throw away;
    },
  });
  const outcomes = await Promise.allSettled([...'abc'].map((item) => batches.do(item)));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === away),
    [true, true, true],
  );
  assert.deepEqual(batches.done, ['a', 'bc']);
});
