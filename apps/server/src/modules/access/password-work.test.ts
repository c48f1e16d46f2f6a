import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrustError } from '@holdfast/trust';
import { type PasswordCaller, PasswordQueue } from './password-queue.ts';
import { type PasswordHashing, PasswordWork } from './password-work.ts';

const known: PasswordCaller = { lane: 'known', network: '192.0.2.1', isWanted: () => true };
const GOOD = 'blau kiste regen sieben';

test('a real verifier is made and recognised, and every other password is wrong', async () => {
  const work = new PasswordWork();
  const verifier = await work.hashNew(GOOD, [], known);
  assert.match(verifier, /^\$argon2id\$/);
  assert.equal(await work.check(GOOD, verifier, known), 'right');
  assert.equal(await work.check(`${GOOD}x`, verifier, known), 'wrong');
  assert.equal(await work.check(GOOD, undefined, known), 'wrong');
  assert.equal(await work.check('x'.repeat(5_000), verifier, known), 'wrong');
});

test('a weak password is refused before anything slow is done', async () => {
  const work = new PasswordWork(refuseAll);
  await assert.rejects(work.hashNew('Password2026!', [], known), { code: 'PASSWORD_TOO_WEAK' });
});

test('the strength of many passwords is estimated one by one, with room for everything else in between', async () => {
  const work = new PasswordWork(refuseAll);
  let turns = 0;
  let isDone = false;
  const count = async (): Promise<void> => {
    while (!isDone) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const counting = count();
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, () =>
      work.estimate('passwordpassword1234'.repeat(40), ['p4ss '.repeat(200)]).then(
        () => 'estimated',
        (error: { code: string }) => error.code,
      ),
    ),
  );
  isDone = true;
  await counting;
  assert.equal(outcomes.filter((outcome) => outcome === 'estimated').length, 17);
  assert.equal(outcomes.filter((outcome) => outcome === 'SIGN_IN_BUSY').length, 23);
  assert.ok(turns >= 17, `${turns} turns`);
});

test('a password that is too long says so', async () => {
  const work = new PasswordWork({
    ...refuseAll,
    hashPassword: async () => {
      throw new TrustError('PASSWORD_TOO_LONG', 'too long');
    },
  });
  await assert.rejects(work.hashNew('ночь улица фонарь аптека', [], known), {
    code: 'NEW_PASSWORD_TOO_LONG',
  });
});

test('a name that nobody has costs the same work as a known one', async () => {
  const calls: string[] = [];
  const work = new PasswordWork({
    hashPassword: async () => 'never',
    verifyPassword: async () => {
      calls.push('verify');
      throw new TrustError('PASSWORD_WRONG', 'wrong');
    },
    refuseUnknownAccount: async () => {
      calls.push('refuse');
      throw new TrustError('PASSWORD_WRONG', 'wrong');
    },
  });
  assert.equal(await work.check('a', 'verifier', known), 'wrong');
  assert.equal(await work.check('a', undefined, known), 'wrong');
  assert.deepEqual(calls, ['verify', 'refuse']);
});

test('only so many passwords are hashed at once, only so many wait, and the rest are told to come back', async () => {
  let running = 0;
  let most = 0;
  const open: (() => void)[] = [];
  const hashing: PasswordHashing = {
    ...refuseAll,
    verifyPassword: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => open.push(resolve));
      running -= 1;
      return { needsRehash: false };
    },
  };
  const work = new PasswordWork(
    hashing,
    new PasswordQueue({
      known: { maxRunning: 2, maxWaiting: 3, maxWaitingPerNetwork: 3 },
      stranger: { maxRunning: 1, maxWaiting: 1, maxWaitingPerNetwork: 1 },
    }),
  );
  const checks = Array.from({ length: 8 }, () =>
    work.check('a', 'verifier', known).catch((error: { code: string }) => error.code),
  );
  const turns = Promise.all(checks);
  for (let released = 0; released < 5; ) {
    const next = open.shift();
    if (next === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    next();
    released += 1;
  }
  const outcomes = await turns;
  assert.equal(most, 2);
  assert.equal(outcomes.filter((outcome) => outcome === 'right').length, 5);
  assert.equal(outcomes.filter((outcome) => outcome === 'SIGN_IN_BUSY').length, 3);
});

const fail = async (): Promise<never> => {
  throw new Error('must not be called');
};
const refuseAll: PasswordHashing = { hashPassword: fail, verifyPassword: fail, refuseUnknownAccount: fail };
