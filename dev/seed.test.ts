import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type ApiClient,
  commandStates,
  componentStates,
  createEnrolmentToken,
  type DeviceSummary,
  jobStates,
  listAdministrators,
  listApiKeys,
  listAuditEntries,
  listCommands,
  listComponentDownloads,
  listComponentRollouts,
  listComponents,
  listDeviceComponents,
  listDevices,
  listEnrolmentTokens,
  listGroups,
  listJobs,
  listLogEntries,
  listNotes,
  listRecycleBin,
  listSessions,
  listTags,
  listWaitingRegistrations,
  listWebhookDeliveries,
  listWebhooks,
  logSeverities,
  type PresenceStatus,
} from '@holdfast/api';
import { signInAdministrator } from '../e2e/support/administrator.ts';
import { signInWith } from './people.ts';
import { openReceivers, type Receivers } from './receivers.ts';
import { registerReportJobs } from './report-jobs.ts';
import { smallestFleet } from './roster.ts';
import { Fleet } from './fleet.ts';
import { createRandom } from './random.ts';
import { seed } from './seed.ts';
import { openSite, type Site } from './site.ts';

// What console development promises to look at is really there, through the interfaces that the console uses.

const DAY_MS = 86_400_000;

describe('a seeded fleet', () => {
  let site: Site;
  let receivers: Receivers;
  let fleet: Fleet;
  let client: ApiClient;
  let devices: readonly DeviceSummary[];
  let signOut: () => void = () => {};
  const stopping = new AbortController();

  before(async () => {
    site = await openSite();
    receivers = await openReceivers();
    const reports = registerReportJobs(site.server.app.platform, stopping.signal);
    fleet = new Fleet(site, createRandom(1));
    await seed({ site, fleet, receivers, reports, products: smallestFleet });
    const session = await signInAdministrator(site.origin, signInWith);
    client = session.client;
    signOut = session.close;
    devices = (await client.call(listDevices, { query: { limit: 500 } })).devices;
  });
  after(async () => {
    stopping.abort();
    signOut();
    fleet?.stop();
    await receivers?.close();
    await site?.close();
  });

  test('has devices in every state that there is, and in the present', async () => {
    const statuses = new Set(devices.map(({ presence }) => presence.status));
    const promised: readonly PresenceStatus[] = [
      'online',
      'timed-out',
      'offline',
      'service-stopped',
      'idle',
      'disabled',
    ];
    assert.deepEqual(
      promised.filter((status) => !statuses.has(status)),
      [],
    );
    assert.ok(
      devices.some(({ presence }) => presence.reason === 'never-seen' && presence.lastSeenAt === null),
    );
    const silentDays = devices
      .filter(({ presence }) => presence.status === 'offline' && presence.lastSeenAt !== null)
      .map(({ presence }) => Math.round((Date.now() - Date.parse(presence.lastSeenAt ?? '')) / DAY_MS));
    assert.deepEqual(
      [...new Set(silentDays)].toSorted((one, other) => one - other),
      [2, 12, 30],
    );
    assert.ok(Math.abs(site.clock.now() - Date.now()) < 1_000);
  });

  test('has computers of every kind', () => {
    const among = (what: (device: DeviceSummary) => string): string[] => [...new Set(devices.map(what))];
    assert.deepEqual(among(({ platform }) => platform).toSorted(), ['linux', 'macos', 'windows']);
    assert.equal(among(({ isEncrypted }) => String(isEncrypted)).length, 3);
    assert.deepEqual(among(({ transport }) => transport).toSorted(), [
      'https',
      'udp-acknowledged',
      'unknown',
    ]);
    assert.ok(among(({ agentVersion }) => agentVersion).length > 1);
    assert.ok(devices.some(({ name }) => name.length > 100));
    assert.ok(devices.some(({ name }) => name.startsWith('東京')));
    assert.equal(devices.filter(({ name }) => name === 'RECEPTION').length, 2);
    const twins = devices.flatMap((device) => device.twins);
    assert.ok(twins.some(({ contradiction }) => contradiction === undefined));
    assert.ok(twins.some(({ contradiction }) => contradiction === 'installation'));
    assert.equal(devices.filter(({ keyCopies }) => keyCopies.some(({ isWaiting }) => isWaiting)).length, 1);
  });

  test('has commands in every state, also at an issuer who sees a part only', async () => {
    for (const state of commandStates) {
      const { commands } = await client.call(listCommands, { query: { state } });
      assert.ok(commands.length > 0, state);
    }
    const { commands } = await client.call(listCommands, { query: { limit: 500 } });
    assert.ok(commands.some(({ repeatsId }) => repeatsId !== null));
    assert.ok(commands.some(({ issuedBy }) => issuedBy === 'j.silva'));
  });

  test('has jobs in every state', async () => {
    for (const state of jobStates) {
      const { jobs } = await client.call(listJobs, { query: { state } });
      assert.ok(jobs.length > 0, state);
    }
  });

  test('has logs of every severity, of weeks, and gaps that the server noticed', async () => {
    const lost = await client.call(listLogEntries, { query: { type: 'log-entries-lost' } });
    assert.deepEqual(new Set(lost.entries.map(({ source }) => source)), new Set(['server']));
    for (const severity of logSeverities) {
      const { entries } = await client.call(listLogEntries, { query: { severity, limit: 500 } });
      assert.ok(
        entries.some((entry) => entry.severity === severity),
        severity,
      );
      if (severity !== 'debug') continue;
      const days = new Set(entries.map(({ receivedAt }) => receivedAt.slice(0, 10)));
      assert.ok(days.size >= 3, [...days].join());
    }
  });

  test('has tokens, waiting devices, keys and people of every kind', async () => {
    const { tokens } = await client.call(listEnrolmentTokens, {});
    for (const state of ['active', 'used-up', 'expired', 'revoked'])
      assert.ok(
        tokens.some((token) => token.state === state),
        state,
      );
    const { registrations } = await client.call(listWaitingRegistrations, {});
    assert.deepEqual([...new Set(registrations.map(({ kind }) => kind))].toSorted(), [
      'approval',
      'copied',
      're-admission',
    ]);
    assert.ok(
      registrations.some(({ isReceiptVerified, kind }) => isReceiptVerified && kind === 're-admission'),
    );
    assert.ok(
      registrations.some(({ isReceiptVerified, kind }) => !isReceiptVerified && kind === 're-admission'),
    );
    const { administrators } = await client.call(listAdministrators, {});
    assert.deepEqual([...new Set(administrators.map(({ state }) => state))].toSorted(), [
      'active',
      'disabled',
      'invited',
    ]);
    assert.ok(administrators.some(({ grants }) => grants.length > 1));
    const { apiKeys } = await client.call(listApiKeys, {});
    assert.ok(apiKeys.some(({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) < Date.now()));
    assert.ok(apiKeys.some(({ scopeGroupId }) => scopeGroupId !== null));
    const { sessions } = await client.call(listSessions, { query: { everyone: true } });
    assert.ok(new Set(sessions.map(({ administratorName }) => administratorName)).size > 1);
  });

  test('has a directory that was worked with', async () => {
    const { groups } = await client.call(listGroups, {});
    assert.ok(groups.some(({ path }) => path[1] === 'Warehouse'));
    const { items } = await client.call(listRecycleBin, {});
    assert.deepEqual([...new Set(items.map(({ kind }) => kind))].toSorted(), ['device', 'group']);
    const { tags } = await client.call(listTags, {});
    assert.ok(
      tags.every(({ deviceCount }) => deviceCount > 0),
      JSON.stringify(tags),
    );
    const named = devices.find(({ name }) => name === 'Front desk, ground floor');
    const { notes } = await client.call(listNotes, { params: { deviceId: named?.id ?? '' } });
    assert.ok(notes.some(({ changedAt }) => changedAt !== null));
    const { entries } = await client.call(listAuditEntries, { query: { limit: 500 } });
    for (const action of ['sign-in.failed', 'device.moved', 'group.renamed', 'settings.changed'])
      assert.ok(
        entries.some((entry) => entry.action === action),
        action,
      );
  });

  test('has webhooks that work, fail, rest and were given up', async () => {
    const { webhooks } = await client.call(listWebhooks, {});
    assert.deepEqual([...new Set(webhooks.map(({ state }) => state))].toSorted(), [
      'active',
      'disabled',
      'paused',
    ]);
    const failing = webhooks.find(({ failingSince, state }) => state === 'active' && failingSince !== null);
    const { deliveries } = await client.call(listWebhookDeliveries, {
      params: { webhookId: failing?.id ?? '' },
    });
    assert.ok(deliveries.every(({ isDelivered, status }) => !isDelivered && status === 503));
    assert.ok(webhooks.some(({ deliveredAt }) => deliveredAt !== null));
  });

  test('has components in every state, downloads that failed and that did not, and rollouts that stopped and go on', async () => {
    const { components, repository } = await client.call(listComponents, {});
    assert.deepEqual(new Set(components.map(({ kind }) => kind)).size, 4);
    assert.ok(Date.parse(repository?.expiresAt ?? '') > Date.now());
    assert.ok(components.some(({ devices: { upToDate, behind } }) => upToDate + behind === 0));
    const states = new Set<string>();
    for (const { id } of devices) {
      const found = await client.call(listDeviceComponents, { params: { deviceId: id } });
      for (const { state } of found.components) states.add(state);
    }
    assert.deepEqual([...states].toSorted(), [...componentStates].toSorted());
    const { downloads } = await client.call(listComponentDownloads, {});
    for (const state of ['succeeded', 'failed'] as const)
      assert.ok(
        downloads.some((download) => download.state === state),
        state,
      );
    const { rollouts } = await client.call(listComponentRollouts, {});
    assert.deepEqual(rollouts.map(({ state }) => state).toSorted(), ['running', 'stopped']);
  });

  test('lives on: a computer that joins is seen at once', async () => {
    const group = devices[0]?.groupId ?? '';
    const { tokenString } = await client.call(createEnrolmentToken, {
      body: { name: 'One more', groupId: group, maxUses: 1, expiresInMs: 3_600_000, isApprovalNeeded: false },
    });
    const name = await fleet.join(tokenString);
    const found = await client.call(listDevices, { query: { search: name } });
    assert.deepEqual(
      found.devices.map(({ presence }) => presence.status),
      ['online'],
    );
  });
});
