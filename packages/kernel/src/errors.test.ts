import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type AppErrorOptions, hasCode } from './errors.ts';

class SampleError extends AppError<'SAMPLE_FAILED'> {
  constructor(options: AppErrorOptions = {}) {
    super('SAMPLE_FAILED', 'It failed.', options);
  }
}

test('an error keeps what it was given, and is never repeatable by default', () => {
  const bare = new SampleError();
  assert.deepEqual([bare.retry, bare.facts, bare.remedy, bare.cause], ['never', {}, undefined, undefined]);
  assert.equal(bare.name, 'SampleError');
  const cause = new Error('below');
  const full = new SampleError({ cause, retry: 'safe', facts: { count: 1 }, remedy: 'Try again.' });
  assert.deepEqual(
    [full.retry, full.facts, full.remedy, full.cause],
    ['safe', { count: 1 }, 'Try again.', cause],
  );
});

test('only an AppError has a code', () => {
  assert.equal(hasCode(new SampleError(), 'SAMPLE_FAILED'), true);
  assert.equal(hasCode(new SampleError(), 'OTHER'), false);
  assert.equal(hasCode(Object.assign(new Error('x'), { code: 'SAMPLE_FAILED' }), 'SAMPLE_FAILED'), false);
  assert.equal(hasCode(undefined, 'SAMPLE_FAILED'), false);
});
