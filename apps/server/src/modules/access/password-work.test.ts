import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrustError } from '@holdfast/trust';
import { AdmissionGate } from '../../platform/rate-limit/admission-gate.ts';
import { type PasswordHashing, PasswordWork } from './password-work.ts';

const GOOD = 'blau kiste regen sieben';

test('a real verifier is made and recognised, and every other password is wrong', async () => {
  const work = new PasswordWork();
  const verifier = await work.hashNew(GOOD, []);
  assert.match(verifier, /^\$argon2id\$/);
  assert.equal(await work.check(GOOD, verifier), 'right');
  assert.equal(await work.check(`${GOOD}x`, verifier), 'wrong');
  assert.equal(await work.check(GOOD, undefined), 'wrong');
  assert.equal(await work.check('x'.repeat(5_000), verifier), 'wrong');
});

test('a weak password is refused before anything slow is done', async () => {
  const work = new PasswordWork(refuseAll);
  await assert.rejects(work.hashNew('Password2026!', []), { code: 'PASSWORD_TOO_WEAK' });
});

test('a password that is too long says so', async () => {
  const work = new PasswordWork({
    ...refuseAll,
    hashPassword: async () => {
      throw new TrustError('PASSWORD_TOO_LONG', 'too long');
    },
  });
  await assert.rejects(work.hashNew('ночь улица фонарь аптека', []), { code: 'NEW_PASSWORD_TOO_LONG' });
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
  assert.equal(await work.check('a', 'verifier'), 'wrong');
  assert.equal(await work.check('a', undefined), 'wrong');
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
  const work = new PasswordWork(hashing, new AdmissionGate({ maxRunning: 2, maxWaiting: 3 }));
  const checks = Array.from({ length: 8 }, () =>
    work.check('a', 'verifier').catch((error: { code: string }) => error.code),
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
