import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createApiKey,
  createEnrolmentToken,
  createGroup,
  createWebhook,
  inviteAdministrator,
  renameDevice,
} from '@holdfast/api';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from '../modules/directory/index.ts';
import { everywhere, signInFirstAdministrator } from '../testing/test-administrators.ts';
import { assertRefused, type TestBrowser } from '../testing/test-browser.ts';
import { insertFleet } from '../testing/test-fleet.ts';
import { createTestToken, TestProduct } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

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

test('a name that is too long in its composed form is refused as one that is too long', async () => {
  // This letter has no composed form: it becomes two.
  const letter = '\u0958';
  const [device] = await insertFleet(server, { count: 1 });
  const fits = letter.repeat(64);
  const rename = async (name: string) =>
    await first.send(renameDevice, { params: { deviceId: device?.id ?? '' }, body: { name } });
  const token = async (name: string) =>
    await first.send(createEnrolmentToken, {
      body: {
        name,
        groupId: NEW_DEVICES_GROUP_ID,
        maxUses: 1,
        expiresInMs: 60_000,
        isApprovalNeeded: false,
      },
    });
  const group = async (name: string) =>
    await first.send(createGroup, { body: { parentId: TOP_GROUP_ID, name } });
  const webhook = async (name: string) =>
    await first.send(createWebhook, {
      body: { name, url: 'https://example.org/', events: ['*'], groupId: null, allowsPrivate: false },
    });
  for (const make of [rename, token, group, webhook]) {
    assert.ok((await make(fits)).statusCode < 300);
    const problem = assertRefused(await make(`${fits}x`), 400, 'REQUEST_INVALID');
    assert.equal(problem.fields?.[0]?.path, 'body.name');
  }
});
