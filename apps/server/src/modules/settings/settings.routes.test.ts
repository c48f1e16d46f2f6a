import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { getSettings, listAuditEntries, updateCommunicationSettings } from '@holdfast/api';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { forgetAccounts, signInFirstAdministrator } from '../../testing/test-administrators.ts';
import { assertRefused, send, type TestBrowser } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let browser: TestBrowser;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetAccounts(server);
  await server.database.db.deleteFrom('setting').execute();
  browser = await signInFirstAdministrator(server, 'alice');
});
after(() => server.close());

const quicker = { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 15_000 };

test('the defaults hold until somebody changes them', async () => {
  assert.deepEqual(await browser.call(getSettings), {
    revision: 1,
    communication: { heartbeatIntervalMs: 20_000, offlineTimeoutMs: 60_000 },
    changedAt: null,
    changedBy: null,
  });
});

test('a change is stored with its author, told at once, and stands in the audit log with what was before', async () => {
  const events: LiveMessage[] = [];
  server.app.platform.live.listen((event) => events.push(event));
  const changed = await browser.call(updateCommunicationSettings, {
    body: { revision: 1, communication: quicker },
  });
  assert.deepEqual(changed, {
    revision: 2,
    communication: quicker,
    changedAt: new Date(server.clock.now()).toISOString(),
    changedBy: 'alice',
  });
  assert.deepEqual(await browser.call(getSettings), changed);
  await server.hearEvents();
  assert.deepEqual(events, [{ event: { type: 'settings' }, permission: 'settings:read' }]);
  const { entries } = await browser.call(listAuditEntries, { query: { action: 'settings.changed' } });
  assert.deepEqual(entries[0]?.details, {
    before: { heartbeatIntervalMs: 20_000, offlineTimeoutMs: 60_000 },
    after: quicker,
  });
});

test('an offline timeout shorter than three intervals is refused, and exactly three are enough', async () => {
  const short = { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 14_999 };
  const refused = await browser.send(updateCommunicationSettings, {
    body: { revision: 1, communication: short },
  });
  const problem = assertRefused(refused, 422, 'SETTING_TIMEOUT_TOO_SHORT');
  assert.deepEqual(problem.facts, { shortestOfflineTimeoutMs: 15_000 });
  assert.equal((await browser.call(getSettings)).revision, 1);
  await browser.call(updateCommunicationSettings, { body: { revision: 1, communication: quicker } });
});

test('whoever saw older settings does not overwrite newer ones', async () => {
  await browser.call(updateCommunicationSettings, { body: { revision: 1, communication: quicker } });
  for (const revision of [1, 3]) {
    const late = await browser.send(updateCommunicationSettings, {
      body: { revision, communication: quicker },
    });
    assertRefused(late, 409, 'SETTING_REVISION_STALE');
  }
});

test('of two changes of the same revision at once, one is made', async () => {
  for (const revision of [1, 2]) {
    const answers = await Promise.all(
      [5_000, 6_000, 7_000].map((heartbeatIntervalMs) =>
        browser.send(updateCommunicationSettings, {
          body: { revision, communication: { heartbeatIntervalMs, offlineTimeoutMs: 60_000 } },
        }),
      ),
    );
    assert.deepEqual(
      answers.map((answer) => answer.statusCode).sort((first, second) => first - second),
      [200, 409, 409],
    );
  }
});

test('values out of bounds are refused by the contract', async () => {
  for (const communication of [
    { heartbeatIntervalMs: 999, offlineTimeoutMs: 60_000 },
    { heartbeatIntervalMs: 28_800_001, offlineTimeoutMs: 604_800_000 },
    { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 604_800_001 },
    { heartbeatIntervalMs: 60_000.5, offlineTimeoutMs: 604_800_000 },
  ]) {
    const answer = await browser.send(updateCommunicationSettings, { body: { revision: 1, communication } });
    assertRefused(answer, 400, 'REQUEST_INVALID');
  }
});

test('settings concern the whole organisation: a caller limited to a group neither sees nor changes them', async () => {
  const limited = server.actAs({ scope: new Set(['019aa000-0000-7000-8000-000000000001']) });
  assertRefused(await send(server, getSettings, {}, limited), 403, 'PERMISSION_DENIED');
  const body = { revision: 1, communication: quicker };
  assertRefused(await send(server, updateCommunicationSettings, { body }, limited), 403, 'PERMISSION_DENIED');
});

test('a change by another process reaches this one, and a setting that cannot be read counts as not set', async () => {
  const value = (text: unknown) => ({
    key: 'communication',
    value: JSON.stringify(text),
    revision: 7,
    changed_at: new Date(0),
    changed_by: 'another process',
  });
  const { settings } = server.app.modules;
  const heard: number[] = [];
  settings.onCommunicationChange((times) => heard.push(times.heartbeatIntervalMs));
  await server.database.db.insertInto('setting').values(value(quicker)).execute();
  await server.ticks.run('settings.reload');
  assert.deepEqual(settings.communicationSettings(), quicker);
  const { key: _key, ...nonsense } = value({ heartbeatIntervalMs: 'often' });
  await server.database.db.updateTable('setting').set(nonsense).execute();
  await server.ticks.run('settings.reload');
  assert.equal(settings.communicationSettings().heartbeatIntervalMs, 20_000);
  assert.deepEqual(heard, [5_000, 20_000]);
});
