import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getSystemState } from '@holdfast/api';
import { assertRefused, send } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

test('the state names what runs where, and what agents trust', async () => {
  const answer = await send(server, getSystemState, {}, server.actAs({ permissions: ['system:read'] }));
  assert.equal(answer.statusCode, 200, answer.body);
  const { memoryBytes, udpPort, ...state } = answer.json();
  assert.ok(memoryBytes > 1_000_000);
  assert.ok(udpPort === null || udpPort > 0);
  assert.deepEqual(state, {
    version: '0.0.0-test',
    startedAt: new Date(server.clock.now()).toISOString(),
    serverTimeAt: new Date(server.clock.now()).toISOString(),
    addresses: ['https://test-server:8443', 'https://localhost:8443'],
    authorityFingerprint: server.keys.authorities.current.fingerprint,
    authority: {
      isOwn: true,
      beginsAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2036-01-01T00:00:00.000Z',
      phase: 'good',
      next: null,
    },
    certificateExpiresAt: new Date(server.clock.now() + 90 * 86_400_000).toISOString(),
    database: { kind: 'embedded', version: 'test', isReachable: true, isWritable: true, isNewer: false },
    productCount: 0,
  });
});

test('a caller without the permission, or limited to a group, does not see it', async () => {
  assertRefused(await send(server, getSystemState, {}), 401, 'NOT_SIGNED_IN');
  const other = server.actAs({ permissions: ['settings:read'] });
  assertRefused(await send(server, getSystemState, {}, other), 403, 'PERMISSION_DENIED');
  const limited = server.actAs({ scope: new Set(['019aa000-0000-7000-8000-000000000001']) });
  assertRefused(await send(server, getSystemState, {}, limited), 403, 'PERMISSION_DENIED');
});
