import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkPassword, createFirstAdministrator, inviteAdministrator } from '@holdfast/api';
import { everywhere, GOOD_PASSWORD, secretOf } from '../../testing/test-administrators.ts';
import { assertRefused, send, TestBrowser } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const GOOD = { isAccepted: true, score: 4, hints: [] };

test('how strong a password is learns who has an open link or a session, and nobody else', async () => {
  const stranger = await send(server, checkPassword, { body: { password: GOOD_PASSWORD } });
  assertRefused(stranger, 401, 'NOT_SIGNED_IN');
  const byKey = await send(server, checkPassword, { body: { password: GOOD_PASSWORD } }, server.actAs());
  assertRefused(byKey, 401, 'NOT_SIGNED_IN');
  const made = await send(server, checkPassword, {
    body: { password: GOOD_PASSWORD, secret: 'x'.repeat(43) },
  });
  assertRefused(made, 404, 'ONE_TIME_LINK_INVALID');

  const secret = secretOf((await server.app.modules.createSetupLink())?.address ?? '');
  const body = { password: GOOD_PASSWORD, secret };
  const open = await send(server, checkPassword, { body });
  assert.deepEqual(open.json(), GOOD);
  const weak = await send(server, checkPassword, {
    body: { secret, password: 'test-server-1', name: 'zoe' },
  });
  assert.equal(weak.json().isAccepted, false);
  const long = await send(server, checkPassword, { body: { secret, password: 'x'.repeat(1_025) } });
  assertRefused(long, 400, 'REQUEST_INVALID');

  const browser = new TestBrowser(server);
  await browser.call(createFirstAdministrator, { body: { secret, name: 'first', password: GOOD_PASSWORD } });
  assertRefused(await send(server, checkPassword, { body }), 410, 'ONE_TIME_LINK_USED');
  assert.deepEqual(await browser.call(checkPassword, { body: { password: GOOD_PASSWORD } }), GOOD);

  const { link } = await browser.call(inviteAdministrator, {
    body: { name: 'second', displayName: 'Second', grants: [everywhere('auditor')] },
  });
  const invited = { password: GOOD_PASSWORD, secret: secretOf(link) };
  assert.deepEqual((await send(server, checkPassword, { body: invited })).json(), GOOD);
  server.clock.advance(30 * 86_400_000);
  assertRefused(await send(server, checkPassword, { body: invited }), 410, 'ONE_TIME_LINK_EXPIRED');
  const ended = await browser.send(checkPassword, { body: { password: GOOD_PASSWORD } });
  assertRefused(ended, 401, 'SESSION_EXPIRED');
});
