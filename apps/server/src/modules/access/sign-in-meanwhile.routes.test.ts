/** What happens to an account while a password is checked, which takes long, and to attempts that nobody could decide. */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { after, before, beforeEach, test } from 'node:test';
import { changeOwnPassword, getCurrentSession, setAdministratorState, signIn } from '@holdfast/api';
import {
  forgetAccounts,
  GOOD_PASSWORD,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, TestBrowser } from '../../testing/test-browser.ts';
import { quickPasswordHashing } from '../../testing/test-passwords.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const NEW_PASSWORD = 'gelb wolke hammer elf';
const OTHER_PASSWORD = 'rot feder anker zwölf';

let server: TestServer;
let first: TestBrowser;
/** How checks of passwords go from now on. */
let checks: 'quick' | 'held' | 'broken' = 'quick';
const held: (() => void)[] = [];

async function takeTurn(): Promise<void> {
  if (checks === 'broken') throw new Error('No memory is left for this.');
  if (checks === 'held') await new Promise<void>((resolve) => held.push(resolve));
}

before(async () => {
  server = await startTestServer({
    moduleOptions: {
      passwordHashing: {
        ...quickPasswordHashing,
        verifyPassword: async (password, verifier) => {
          await takeTurn();
          return await quickPasswordHashing.verifyPassword(password, verifier);
        },
        refuseUnknownAccount: async (password) => {
          await takeTurn();
          return await quickPasswordHashing.refuseUnknownAccount(password);
        },
      },
    },
  });
});
beforeEach(async () => {
  checks = 'quick';
  await forgetAccounts(server);
  first = await signInFirstAdministrator(server, 'alice');
});
after(() => server.close());

/** Begins these calls, and lets others happen when all of their passwords are being checked. */
async function during<Answer>(
  calls: readonly (() => Promise<Answer>)[],
  work: () => Promise<unknown>,
): Promise<Answer[]> {
  checks = 'held';
  const answers = calls.map((call) => call());
  while (held.length < calls.length) await nextTurn();
  checks = 'quick';
  await work();
  for (const goOn of held.splice(0)) goOn();
  return await Promise.all(answers);
}

test('attempts that could not be decided count against neither the name nor the address', async () => {
  const browser = new TestBrowser(server, '198.51.100.7');
  checks = 'broken';
  // More than either may fail before it has to wait.
  for (let count = 0; count < 30; count += 1) {
    const answer = await browser.send(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
    assert.equal(answer.statusCode, 500, answer.body);
  }
  checks = 'quick';
  await browser.call(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
});

test('an undecided attempt takes nothing back from those that failed', async () => {
  const browser = new TestBrowser(server, '198.51.100.8');
  for (let count = 0; count < 4; count += 1)
    await browser.send(signIn, { body: { name: 'alice', password: 'guess' } });
  checks = 'broken';
  await browser.send(signIn, { body: { name: 'alice', password: 'guess' } });
  checks = 'quick';
  assertRefused(
    await browser.send(signIn, { body: { name: 'alice', password: 'guess' } }),
    401,
    'SIGN_IN_REFUSED',
  );
  assertRefused(
    await browser.send(signIn, { body: { name: 'alice', password: 'guess' } }),
    429,
    'SIGN_IN_THROTTLED',
  );
});

test('undecided changes of the password do not keep its owner from the next one', async () => {
  const body = { currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD };
  checks = 'broken';
  for (let count = 0; count < 8; count += 1)
    assert.equal((await first.send(changeOwnPassword, { body })).statusCode, 500);
  checks = 'quick';
  await first.call(changeOwnPassword, { body });
});

test('an office in which many sign in with the right password never has to wait', async () => {
  for (let count = 0; count < 30; count += 1) {
    const browser = new TestBrowser(server, '198.51.100.9');
    await browser.call(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
  }
});

test('an account that is disabled while its password is checked is not signed in', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const { id } = await bob.call(getCurrentSession);
  const browser = new TestBrowser(server);
  const [answer] = await during(
    [() => browser.send(signIn, { body: { name: 'bob', password: GOOD_PASSWORD } })],
    () => first.call(setAdministratorState, { params: { administratorId: id }, body: { state: 'disabled' } }),
  );
  assert.ok(answer !== undefined);
  assertRefused(answer, 401, 'SIGN_IN_REFUSED');
  assert.equal(browser.cookie, undefined);
});

test('a password that is changed while the old one is checked opens nothing any more', async () => {
  const thief = new TestBrowser(server);
  const [answer] = await during(
    [() => thief.send(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } })],
    () =>
      first.call(changeOwnPassword, { body: { currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD } }),
  );
  assert.ok(answer !== undefined);
  assertRefused(answer, 401, 'SIGN_IN_REFUSED');
  assert.equal(thief.cookie, undefined);
});

test('of two who change a password at once, one is told that the present one is another by now', async () => {
  const second = new TestBrowser(server);
  await second.call(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
  const change = (browser: TestBrowser, newPassword: string) => () =>
    browser.send(changeOwnPassword, { body: { currentPassword: GOOD_PASSWORD, newPassword } });
  const answers = await during([change(first, NEW_PASSWORD), change(second, OTHER_PASSWORD)], async () => {});
  const statuses = answers.map(({ statusCode }) => statusCode);
  assert.equal(statuses.filter((status) => status === 204).length, 1, statuses.join());
  const lost = answers.find(({ statusCode }) => statusCode !== 204) ?? assert.fail('both believe it');
  // Whoever was first has ended the session of the other one, or is told at once.
  assert.ok([401, 422].includes(lost.statusCode), lost.body);
  const holds = answers[0]?.statusCode === 204 ? NEW_PASSWORD : OTHER_PASSWORD;
  await new TestBrowser(server).call(signIn, { body: { name: 'alice', password: holds } });
});
