import { builtInRoleIds } from '@holdfast/api';
import { heldGrant } from './roles.ts';
import type { SeedOptions } from './seed.ts';
import { isoAt, topGroup, type World } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export function seedPeople(world: World, scenario: SeedOptions['scenario']): void {
  if (scenario === 'setup') return;
  const nowMs = world.now();
  const { random } = world;
  const person = (
    name: string,
    displayName: string,
    role: keyof typeof builtInRoleIds,
    state: 'active' | 'invited' | 'disabled',
    agoMs: number | null,
  ) => {
    world.administrators.push({
      id: random.uuid(nowMs - 60 * dayMs),
      name,
      displayName,
      grants: [heldGrant(world, { roleId: builtInRoleIds[role], groupId: null })],
      state,
      createdAt: isoAt(nowMs - 60 * dayMs),
      lastSignInAt: agoMs === null ? null : isoAt(nowMs - agoMs),
    });
  };
  person('admin', 'Alex Admin', 'enterpriseAdministrator', 'active', 40 * minuteMs);
  person('auditor', 'Noor Haddad', 'auditor', 'active', 3 * dayMs);
  if (scenario === 'empty') return;
  person('m.tamm', 'Mari Tamm', 'enterpriseAdministrator', 'active', 2 * hourMs);
  person('j.silva', 'João Silva', 'auditor', 'invited', null);
  person('old.admin', 'Otto Altmann', 'enterpriseAdministrator', 'disabled', 90 * dayMs);

  for (const [index, administrator] of world.administrators.slice(0, 3).entries()) {
    world.sessions.push({
      id: random.uuid(nowMs - 3 * hourMs),
      administratorId: administrator.id,
      administratorName: administrator.name,
      createdAt: isoAt(nowMs - (3 + index) * hourMs),
      lastUsedAt: isoAt(nowMs - (4 + 40 * index) * minuteMs),
      expiresAt: isoAt(nowMs + 9 * hourMs),
      remoteAddress: `192.0.2.${20 + index}`,
      userAgent:
        index === 0
          ? 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
          : 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
      isCurrent: false,
      token: random.base64Url(43),
      csrfToken: random.base64Url(32),
    });
  }
  world.apiKeys.push(
    {
      id: random.uuid(nowMs - 30 * dayMs),
      name: 'Inventory export to the asset database',
      prefix: 'hfk_7Kd2m',
      permissions: ['directory:read'],
      scopeGroupId: null,
      createdAt: isoAt(nowMs - 30 * dayMs),
      createdBy: 'admin',
      isScopeGone: false,
      madeKeyCount: 2,
      expiresAt: isoAt(nowMs + 335 * dayMs),
      lastUsedAt: isoAt(nowMs - 12 * minuteMs),
    },
    {
      id: random.uuid(nowMs - 10 * dayMs),
      name: 'Berlin automation',
      prefix: 'hfk_Qz81p',
      permissions: ['directory:read', 'directory:edit', 'commands:read', 'commands:issue'],
      scopeGroupId:
        [...world.groups.values()].find((group) => group.name === 'Berlin')?.id ?? topGroup(world).id,
      createdAt: isoAt(nowMs - 10 * dayMs),
      createdBy: 'm.tamm',
      isScopeGone: false,
      madeKeyCount: 0,
      expiresAt: null,
      lastUsedAt: null,
    },
  );
  const tokenRows = [
    ['Berlin workplaces', 'Berlin', 250, 37, true, 'active', 5],
    ['Data centre image', 'Data centre', null, 412, false, 'active', 90],
    ['Kiosk roll-out', 'Kiosks', 20, 20, false, 'used-up', 3],
    ['Trial laptops', 'New devices', 5, 2, true, 'expired', -14],
    ['This computer (holdfast)', 'New devices', 1, 1, false, 'used-up', -9],
    ['Mistakenly mailed', 'New devices', null, 0, false, 'revoked', 20],
  ] as const;
  for (const [name, groupName, maxUses, uses, isApprovalNeeded, state, expiresInDays] of tokenRows) {
    const group =
      [...world.groups.values()].find((candidate) => candidate.name === groupName) ?? topGroup(world);
    world.tokens.push({
      id: random.uuid(nowMs),
      name,
      groupId: group.id,
      groupPath: [group.name],
      maxUses,
      uses,
      isApprovalNeeded,
      state,
      createdAt: isoAt(nowMs - 6 * dayMs),
      createdBy: name.startsWith('This computer') ? 'Holdfast' : 'admin',
      expiresAt: isoAt(nowMs + expiresInDays * dayMs),
    });
  }
  world.waiting.push(
    {
      id: random.uuid(nowMs),
      kind: 'approval',
      deviceName: 'LT-8F21-0031',
      platform: 'windows',
      productName: 'Holdfast agent',
      productVersion: '0.1.0',
      keyThumbprint: random.base64Url(43),
      remoteAddress: '10.21.4.87',
      firstSeenAt: isoAt(nowMs - 11 * minuteMs),
      lastSeenAt: isoAt(nowMs - 20_000),
      tokenName: 'Berlin workplaces',
      groupPath: ['Berlin'],
      isReceiptVerified: false,
      productNumber: null,
      copyOf: null,
    },
    {
      id: random.uuid(nowMs),
      kind: 're-admission',
      deviceName: 'web-0412.example.net',
      platform: 'linux',
      productName: 'Holdfast agent',
      productVersion: '0.1.0',
      keyThumbprint: random.base64Url(43),
      remoteAddress: '10.24.9.12',
      firstSeenAt: isoAt(nowMs - 2 * hourMs),
      lastSeenAt: isoAt(nowMs - 45_000),
      tokenName: null,
      groupPath: ['Data centre', 'Web'],
      isReceiptVerified: true,
      productNumber: 412,
      copyOf: null,
    },
    {
      id: random.uuid(nowMs),
      kind: 're-admission',
      deviceName: 'unknown-host',
      platform: 'linux',
      productName: 'Holdfast agent',
      productVersion: '0.0.9',
      keyThumbprint: random.base64Url(43),
      remoteAddress: '203.0.113.77',
      firstSeenAt: isoAt(nowMs - 5 * hourMs),
      lastSeenAt: isoAt(nowMs - 5 * minuteMs),
      tokenName: null,
      groupPath: [],
      isReceiptVerified: false,
      productNumber: null,
      copyOf: null,
    },
  );
  const actions = [
    ['session.started', 'session', 'admin'],
    ['enrolment-token.created', 'enrolment-token', 'Berlin workplaces'],
    ['device.moved', 'device', 'LT-8F21-0030'],
    ['command.issued', 'command', 'Collect inventory'],
    ['group.renamed', 'group', 'Logistics'],
    ['settings.changed', 'setting', 'communication'],
    ['sign-in.failed', 'administrator', 'root'],
    ['product.registered', 'product', 'web-0412.example.net'],
  ] as const;
  for (let index = 0; index < 600; index += 1) {
    const [action, objectKind, objectName] = random.pick(actions);
    const isProduct = action === 'product.registered';
    const isRefused = action === 'sign-in.failed';
    world.audit.push({
      id: random.uuid(nowMs),
      sequence: 600 - index,
      occurredAt: isoAt(nowMs - index * 17 * minuteMs - random.integer(minuteMs * 10)),
      actorKind: isProduct
        ? 'product'
        : isRefused
          ? 'anonymous'
          : random.pick(['administrator', 'administrator', 'api-key', 'system'] as const),
      actorName: isProduct
        ? 'product 412'
        : isRefused
          ? 'root'
          : random.pick(['admin', 'm.tamm', 'Berlin automation']),
      action,
      objectKind,
      objectId: random.uuid(nowMs),
      objectName,
      details:
        action === 'group.renamed'
          ? { from: 'Warehouse', to: 'Logistics' }
          : action === 'settings.changed'
            ? {
                before: { heartbeatIntervalMs: 20_000, offlineTimeoutMs: 60_000 },
                after: { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 60_000 },
              }
            : isRefused
              ? { reason: 'unknown name' }
              : {},
      remoteAddress: `192.0.2.${random.integer(250)}`,
      requestId: `req-${random.hex(8)}`,
    });
  }
}
