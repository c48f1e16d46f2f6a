import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AccessError } from '../access/access.errors.ts';
import { createTestClock } from '../clock/test-clock.ts';
import { HttpError } from './http.errors.ts';
import { type PacedCaller, RefusalPacer } from './refusal-pacer.ts';

const tooMany = new HttpError('RATE_LIMITED', 'Too many.', { retry: 'safe', retryAfterMs: 60_000 });
const unknown = new AccessError('ACCESS_TOKEN_INVALID', 'Not known.');

/** A pacer, and how often each network was answered. */
function plant(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = createTestClock();
  const pacer = new RefusalPacer(
    { refusalPauseMs: 1_000, refusals: { burst: 2, perSecond: 1 } },
    { clock, isKnown: (address) => address.startsWith('192.0.2.') },
  );
  const answers: (Error | undefined)[] = [];
  const refuse = (caller: PacedCaller, refusal?: Error): void =>
    pacer.finish(caller, (answer) => void answers.push(answer), refusal);
  return { pacer, clock, answers, refuse };
}

function callFrom(address: string): PacedCaller {
  return { connection: {}, address };
}

test('whoever came too often waits a second for the refusal, and nobody else does', (t) => {
  const { answers, refuse } = plant(t);
  refuse(callFrom('192.0.2.1'));
  const malformed = new HttpError('BODY_INVALID', 'No.');
  refuse(callFrom('192.0.2.1'), malformed);
  assert.deepEqual(answers, [undefined, malformed]);
  refuse(callFrom('192.0.2.1'), tooMany);
  t.mock.timers.tick(999);
  assert.equal(answers.length, 2);
  t.mock.timers.tick(1);
  assert.deepEqual(answers.slice(2), [tooMany]);
});

test('a network that is refused again and again waits for every refusal, and another one does not', (t) => {
  const { answers, clock, refuse } = plant(t);
  for (let index = 0; index < 3; index += 1) refuse(callFrom('2001:db8::1'), unknown);
  assert.equal(answers.length, 2);
  refuse(callFrom('2001:db8::2:1'), unknown);
  assert.equal(answers.length, 2, 'its neighbour is the same network');
  refuse(callFrom('2001:db8:0:1::1'), unknown);
  refuse(callFrom('2001:db8::1'));
  assert.equal(answers.length, 4);
  t.mock.timers.tick(1_000);
  assert.equal(answers.length, 6);
  clock.advance(1_000);
  refuse(callFrom('2001:db8::1'), unknown);
  assert.equal(answers.length, 7);
});

test('a network that fills its share is refused at once, and the refusals of others are still paced', (t) => {
  const { pacer, answers, refuse } = plant(t);
  const flood = (address: string): number => {
    const before = answers.length;
    let waiting = 0;
    for (; answers.length === before; waiting += 1) refuse(callFrom(address), tooMany);
    return waiting - 1;
  };
  assert.equal(flood('192.0.2.1'), 100);
  assert.equal(flood('192.0.2.2'), 80);
  assert.equal(flood('198.51.100.1'), 50);
  assert.equal(flood('198.51.100.2'), 40);
  // Strangers with networks without number.
  for (let network = 0; network < 1_000; network += 1) flood(`2001:db8:0:${network.toString(16)}::1`);
  const before = answers.length;
  refuse(callFrom('198.51.100.3'), tooMany);
  assert.equal(answers.length, before + 1, 'strangers have what they may have together');
  assert.equal(flood('192.0.2.3'), 14);
  // Places that are left are there again.
  t.mock.timers.tick(1_000);
  refuse(callFrom('198.51.100.3'), tooMany);
  assert.equal(flood('192.0.2.1'), 100);
  assert.equal(flood('198.51.100.1'), 50);
  pacer.close();
});

test('requests that wait on one connection have one place and one second', (t) => {
  const { answers, refuse } = plant(t);
  const caller = callFrom('192.0.2.1');
  refuse(caller, tooMany);
  t.mock.timers.tick(500);
  for (let index = 0; index < 200; index += 1) refuse(caller, tooMany);
  assert.equal(answers.length, 0);
  t.mock.timers.tick(500);
  assert.equal(answers.length, 201);
});

test('a server that stops keeps nobody waiting', (t) => {
  const { pacer, answers, refuse } = plant(t);
  for (let index = 0; index < 50; index += 1) refuse(callFrom('192.0.2.1'), tooMany);
  pacer.close();
  assert.equal(answers.length, 50);
  t.mock.timers.tick(10_000);
  assert.equal(answers.length, 50);
});
