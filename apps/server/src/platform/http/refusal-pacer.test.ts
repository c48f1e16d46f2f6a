import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from './http.errors.ts';
import { RefusalPacer } from './refusal-pacer.ts';

const tooMany = new HttpError('RATE_LIMITED', 'Too many.', { retry: 'safe', retryAfterMs: 60_000 });

test('whoever came too often waits a second for the refusal, and nobody else does', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pacer = new RefusalPacer(1_000);
  const answers: (Error | undefined)[] = [];
  const done = (refusal?: Error): void => void answers.push(refusal);
  pacer.finish(done, undefined);
  const malformed = new HttpError('BODY_INVALID', 'No.');
  pacer.finish(done, malformed);
  assert.deepEqual(answers, [undefined, malformed]);
  pacer.finish(done, tooMany);
  t.mock.timers.tick(999);
  assert.equal(answers.length, 2);
  t.mock.timers.tick(1);
  assert.deepEqual(answers.slice(2), [tooMany]);
});

test('no more wait than the server has room for, and none when it stops', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pacer = new RefusalPacer(1_000);
  let answered = 0;
  const refuse = (): void => pacer.finish(() => void (answered += 1), tooMany);
  for (let index = 0; index < 500; index += 1) refuse();
  assert.equal(answered, 0);
  refuse();
  assert.equal(answered, 1);
  pacer.close();
  assert.equal(answered, 501);
  t.mock.timers.tick(10_000);
  assert.equal(answered, 501);
});
