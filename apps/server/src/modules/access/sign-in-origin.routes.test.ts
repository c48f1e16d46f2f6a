import { after, before, beforeEach, test } from 'node:test';
import { changeOwnPassword, recoverPassword, signIn } from '@holdfast/api';
import {
  forgetAccounts,
  GOOD_PASSWORD,
  secretOf,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, TestBrowser } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { issueRecoveryLink } from './recovery.service.ts';

let server: TestServer;
let first: TestBrowser;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetAccounts(server);
  first = await signInFirstAdministrator(server, 'alice');
});
after(() => server.close());

/** Strangers guess until the name has to wait, each from an address of its own. */
async function guess(name: string, network: string): Promise<void> {
  for (let index = 1; index <= 7; index += 1) {
    await new TestBrowser(server, `${network}.${index}`).send(signIn, { body: { name, password: 'guess' } });
  }
  const late = await new TestBrowser(server, `${network}.99`).send(signIn, {
    body: { name, password: GOOD_PASSWORD },
  });
  assertRefused(late, 429, 'SIGN_IN_THROTTLED');
}

test('whoever set the server up or took an invitation signs in from there while strangers guess elsewhere', async () => {
  await signInInvited(server, first, 'bob');
  await guess('alice', '198.51.100');
  await guess('bob', '203.0.113');
  await new TestBrowser(server, '192.0.2.10').call(signIn, {
    body: { name: 'alice', password: GOOD_PASSWORD },
  });
  await new TestBrowser(server, '192.0.2.20').call(signIn, {
    body: { name: 'bob', password: GOOD_PASSWORD },
  });
});

test('a recovered account starts afresh, from everywhere', async () => {
  await guess('alice', '198.51.100');
  const link = await issueRecoveryLink(
    {
      database: server.database.db,
      clock: server.clock,
      createId: () => '01a20244-e800-76a1-b85e-b7470fd22fa8',
      recordAuditEntry: async () => {},
    },
    'alice',
    'https://localhost:8443',
  );
  const password = 'gelb wolke hammer elf';
  await new TestBrowser(server, '192.0.2.70').call(recoverPassword, {
    body: { secret: secretOf(link.address), password },
  });
  await new TestBrowser(server, '192.0.2.71').call(signIn, { body: { name: 'alice', password } });
});

test('guesses of strangers do not keep anybody from changing the password', async () => {
  // The address is a new one too, so neither the name nor the address is known.
  await guess('alice', '198.51.100');
  await server.database.db.deleteFrom('sign_in_origin').execute();
  await first.call(changeOwnPassword, {
    body: { currentPassword: GOOD_PASSWORD, newPassword: 'gelb wolke hammer elf' },
  });
});
