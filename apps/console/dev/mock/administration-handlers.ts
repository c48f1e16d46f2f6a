import {
  admitRegistration,
  createEnrolmentToken,
  getAgentInstallation,
  getServerAddresses,
  getSettings,
  getSystemState,
  listAuditEntries,
  listEnrolmentTokens,
  listTokenArrivals,
  listWaitingRegistrations,
  refuseRegistration,
  revokeEnrolmentToken,
  updateCommunicationSettings,
  updateServerAddresses,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { page } from './command-handlers.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { addDevice } from './seed-devices.ts';
import { isoAt, record, settleGroups, topGroup, type World } from './world.ts';

export function handleAdministration({ handle }: RouteTable): void {
  handle(listEnrolmentTokens, ({ world }) => ({ tokens: world.tokens }));
  handle(createEnrolmentToken, ({ world, body }) => {
    const group = world.groups.get(body.groupId);
    if (group === undefined) throw notFound();
    const token = {
      id: world.random.uuid(world.now()),
      name: body.name,
      groupId: group.id,
      groupPath: group.path,
      maxUses: body.maxUses,
      uses: 0,
      isApprovalNeeded: body.isApprovalNeeded,
      state: 'active' as const,
      createdAt: isoAt(world.now()),
      createdBy: 'admin',
      expiresAt: isoAt(world.now() + body.expiresInMs),
    };
    world.tokens.unshift(token);
    world.publish({ type: 'enrolment-tokens' });
    return {
      token,
      tokenString: `hf1.${world.random.base64Url(220)}.${world.random.base64Url(8)}`,
      // Of a server that only this computer reaches, so that the warning can be looked at.
      addresses: body.name.includes('loopback')
        ? ['https://localhost:8443']
        : ['https://holdfast.example.net:8443', 'https://10.20.0.5:8443', 'https://localhost:8443'],
    };
  });
  handle(listTokenArrivals, ({ world, params }) => {
    const token = world.tokens.find(({ id }) => id === params.tokenId);
    if (token === undefined) throw notFound();
    if (!token.name.includes('arrivals')) return { arrivals: [] };
    const [device] = world.devices.values();
    const [waiting] = world.waiting;
    return {
      arrivals: [
        ...(waiting === undefined
          ? []
          : [
              {
                state: 'waiting' as const,
                deviceName: waiting.deviceName,
                deviceId: null,
                keyThumbprint: waiting.keyThumbprint,
                at: isoAt(world.now() - 4_000),
              },
            ]),
        ...(device === undefined
          ? []
          : [
              {
                state: 'joined' as const,
                deviceName: device.summary.name,
                deviceId: device.summary.id,
                keyThumbprint: 'k'.repeat(43),
                at: isoAt(world.now() - 90_000),
              },
            ]),
      ],
    };
  });
  handle(getAgentInstallation, () => ({
    version: '0.1.0',
    runtimeVersion: '24.21.0',
    addresses: ['https://holdfast.example.net:8443', 'https://localhost:8443'],
    script: { path: '/agent/install.sh', sha256: 'd2'.repeat(32) },
    platforms: [
      {
        platform: 'linux-x64' as const,
        archive: {
          fileName: 'holdfast-agent-0.1.0-linux-x64.tar.gz',
          path: '/agent/holdfast-agent-0.1.0-linux-x64.tar.gz',
          sha256: 'a7'.repeat(32),
          sizeBytes: 45_914_112,
        },
        obstacle: null,
      },
      { platform: 'linux-arm64' as const, archive: null, obstacle: 'no-runtime' as const },
    ],
  }));
  handle(revokeEnrolmentToken, ({ world, params }) => {
    world.tokens = world.tokens.map((token) =>
      token.id === params.tokenId ? { ...token, state: 'revoked' as const } : token,
    );
    world.publish({ type: 'enrolment-tokens' });
    return null;
  });
  handle(listWaitingRegistrations, ({ world }) => ({ registrations: world.waiting }));
  handle(admitRegistration, ({ world, params, body }) => {
    takeWaiting(world, params.registrationId);
    const group =
      (body.groupId === undefined ? undefined : world.groups.get(body.groupId)) ?? topGroup(world);
    const deviceId = addDevice(world, group.id, world.devices.size);
    settleGroups(world);
    world.publish({ type: 'device', deviceId, change: 'created' });
    world.publish({ type: 'groups' });
    return { deviceId, productNumber: world.nextProductNumber - 1, groupPath: group.path };
  });
  handle(refuseRegistration, ({ world, params }) => {
    takeWaiting(world, params.registrationId);
    return null;
  });
  handle(listAuditEntries, ({ world, query }) => {
    const search = query.search === undefined ? undefined : foldName(query.search);
    const matching = world.audit.filter(
      (entry) =>
        (query.action === undefined || entry.action === query.action) &&
        (query.objectId === undefined || entry.objectId === query.objectId) &&
        (query.actorKind === undefined || entry.actorKind === query.actorKind) &&
        (query.actorName === undefined || entry.actorName === query.actorName) &&
        (query.from === undefined || entry.occurredAt >= query.from) &&
        (query.to === undefined || entry.occurredAt < query.to) &&
        (search === undefined ||
          [entry.action, entry.actorName, entry.objectName].some((text) => foldName(text).includes(search))),
    );
    return page(matching, query, 'entries');
  });
  handle(getSettings, ({ world }) => world.settings);
  handle(getServerAddresses, ({ world }) => world.serverAddresses);
  handle(updateServerAddresses, ({ world, body }) => {
    if (body.revision !== world.serverAddresses.revision) {
      throw new Refusal(
        409,
        'SETTING_REVISION_STALE',
        'The settings have been changed since you opened them.',
      );
    }
    world.serverAddresses = {
      ...world.serverAddresses,
      revision: body.revision + 1,
      addresses: [...body.addresses],
    };
    return world.serverAddresses;
  });
  handle(updateCommunicationSettings, ({ world, body }) => {
    if (body.revision !== world.settings.revision) {
      throw new Refusal(
        409,
        'SETTINGS_CHANGED',
        'The settings were changed by somebody else in the meantime.',
        {
          remedy: 'Look at the new values, then repeat the change.',
        },
      );
    }
    if (body.communication.offlineTimeoutMs < 3 * body.communication.heartbeatIntervalMs) {
      throw new Refusal(
        422,
        'OFFLINE_TIMEOUT_TOO_SHORT',
        'The offline timeout must be at least three heartbeat intervals.',
      );
    }
    world.settings = {
      revision: world.settings.revision + 1,
      communication: body.communication,
      changedAt: isoAt(world.now()),
      changedBy: 'admin',
    };
    record(world, {
      action: 'settings.changed',
      objectKind: 'setting',
      objectId: 'communication',
      objectName: 'communication',
    });
    world.publish({ type: 'settings' });
    return world.settings;
  });
  handle(getSystemState, ({ world }) => ({
    version: '0.1.0',
    startedAt: world.startedAt,
    serverTimeAt: isoAt(world.now()),
    addresses: ['https://holdfast.example.net:8443', 'https://localhost:8443'],
    authorityFingerprint: 'q3J0c1d2VfWm9nRkZ3aG8tTGlzdGVucy1UaGlzLXdheQw',
    authority: {
      isOwn: true,
      beginsAt: '2026-01-05T08:00:00.000Z',
      expiresAt: '2036-01-05T08:00:00.000Z',
      phase: 'good' as const,
      next: null,
    },
    certificateExpiresAt: isoAt(world.now() + 371 * 86_400_000),
    udpPort: 8443,
    database: {
      kind: 'embedded' as const,
      version: '18.4',
      isReachable: true,
      isWritable: true,
      isNewer: false,
    },
    memoryBytes: 187_000_000,
    productCount: world.devices.size,
  }));
}

function takeWaiting(world: World, registrationId: string): void {
  const index = world.waiting.findIndex((waiting) => waiting.id === registrationId);
  if (index === -1) throw notFound();
  world.waiting.splice(index, 1);
  world.publish({ type: 'waiting-registrations', count: world.waiting.length });
}
