import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createApiKey, createEnrolmentToken, createGroup, inviteAdministrator } from '@holdfast/api';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from './modules/directory/index.ts';
import { everywhere, signInFirstAdministrator } from './testing/test-administrators.ts';
import { assertRefused, type TestBrowser } from './testing/test-browser.ts';
import { createTestToken, TestProduct } from './testing/test-product.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

let server: TestServer;
let first: TestBrowser;
before(async () => {
  server = await startTestServer();
  first = await signInFirstAdministrator(server);
});
after(() => server.close());

const INVISIBLE = ['\u200b', '\u2060\ufeff', '\u3164', ' \u00ad ', '\ufe0f', '\u{e0041}'];

test('nothing gets a name that cannot be seen, and the refusal says why', async () => {
  for (const name of INVISIBLE) {
    const answers = {
      group: await first.send(createGroup, { body: { parentId: TOP_GROUP_ID, name } }),
      token: await first.send(createEnrolmentToken, {
        body: {
          name,
          groupId: NEW_DEVICES_GROUP_ID,
          maxUses: 1,
          expiresInMs: 60_000,
          isApprovalNeeded: false,
        },
      }),
      administrator: await first.send(inviteAdministrator, {
        body: { name: 'somebody', displayName: name, grants: [everywhere('auditor')] },
      }),
      apiKey: await first.send(createApiKey, { body: { name, permissions: ['directory:read'] } }),
    };
    for (const answer of Object.values(answers)) {
      const problem = assertRefused(answer, 400, 'REQUEST_INVALID');
      assert.match(problem.fields?.[0]?.message ?? '', /at least one visible character/);
    }
  }
  const group = await first.call(createGroup, {
    body: { parentId: TOP_GROUP_ID, name: 'می\u200cخواهم ❤\ufe0f' },
  });
  assert.equal(group.name, 'می\u200cخواهم ❤\ufe0f');
});

test('a device whose name cannot be seen does not join', async () => {
  const token = await createTestToken(server);
  const answer = await new TestProduct(server, { name: '\u200b\u200d' }).register(token);
  assert.equal(answer.statusCode, 400, answer.body);
});
