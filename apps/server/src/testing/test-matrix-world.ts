import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  addNote,
  type Administrator,
  changeDeviceTags,
  createEnrolmentToken,
  createGroup,
  createRole,
  createSavedView,
  getCurrentSession,
  inviteAdministrator,
  issueCommand,
  listTags,
  listWaitingRegistrations,
  type Permission,
  type RecycledItem,
  removeDevice,
  removeNote,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { TOP_GROUP_ID } from '../modules/directory/index.ts';
import { everywhere } from './test-administrators.ts';
import { callApi } from './test-api.ts';
import type { TestBrowser } from './test-browser.ts';
import type { CallerHeaders } from './test-callers.ts';
import { insertFleet } from './test-fleet.ts';
import { storeJob } from './test-jobs.ts';
import { createEntries, createJournal, uploadLogs } from './test-logs.ts';
import { TestProduct } from './test-product.ts';
import type { TestServer } from './test-server.ts';

/** One of everything that a route can be about, in a group of its own. */
export interface World {
  readonly groupId: string;
  readonly groupRevision: number;
  /** Two groups in it, empty. */
  readonly innerGroupId: string;
  readonly innerTargetId: string;
  /** Another group beside it, empty. */
  readonly otherGroupId: string;
  readonly deviceId: string;
  readonly productNumber: number;
  readonly tokenId: string;
  readonly recycledItemId: string;
  readonly waitingId: string;
  readonly commandId: string;
  /** On the device, by a change that can be taken back. */
  readonly tagId: string;
  readonly tagName: string;
  readonly tagChangeId: string;
  readonly noteId: string;
  readonly removedNoteId: string;
  /** Shared, and of the group. */
  readonly savedViewId: string;
  readonly invited: Administrator;
  /** A role that nobody has. */
  readonly roleId: string;
  readonly apiKeyId: string;
  /** A job that waits, and one that was given up. */
  readonly waitingJobId: string;
  readonly deadJobId: string;
}

/** The product is the Active Agent of a network. */
export async function reportLan(server: TestServer, productNumber: number, network: string): Promise<void> {
  const lan = {
    segments: [{ network, activeProduct: productNumber }],
    fromServerBytes: 1_000,
    fromLanBytes: 0,
  };
  const answer = await server.call(
    { method: 'PUT', url: mcpPath.componentStates, payload: { components: [], lan } },
    server.actAsProduct(productNumber),
  );
  assert.equal(answer.statusCode, 200, answer.body);
}

let count = 0;

/** Makes a world with the rights of everybody; each call makes another. @param owner an enterprise administrator, who invites and has the keys */
export async function createWorld(server: TestServer, owner: TestBrowser): Promise<World> {
  count += 1;
  const { id: ownerId } = await owner.call(getCurrentSession);
  const group = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: `World ${count}` },
  });
  const other = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: `Beside ${count}` },
  });
  const inner = await callApi(server, createGroup, { body: { parentId: group.id, name: 'Inner' } });
  const innerTarget = await callApi(server, createGroup, { body: { parentId: group.id, name: 'Target' } });
  const [device, removed] = await insertFleet(server, { count: 2, groupId: group.id });
  assert.ok(device !== undefined && removed !== undefined);
  const command = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds: [device.id] } },
  });
  await uploadLogs(server, device.productNumber, createJournal(), createEntries(1, 1));
  await reportLan(server, device.productNumber, `10.${count}.0.0/16`);
  const recycled: RecycledItem = await callApi(server, removeDevice, { params: { deviceId: removed.id } });
  const { token, tokenString } = await callApi(server, createEnrolmentToken, {
    body: {
      name: `Token ${count}`,
      groupId: group.id,
      maxUses: null,
      expiresInMs: 3_600_000,
      isApprovalNeeded: true,
    },
  });
  const waiting = new TestProduct(server, { name: `waiting-${count}` });
  assert.equal((await waiting.register(tokenString)).statusCode, 202);
  const { registrations } = await callApi(server, listWaitingRegistrations);
  const entry = registrations.find((one) => one.keyThumbprint === waiting.key.thumbprint);
  assert.ok(entry !== undefined);
  const { administrator } = await owner.call(inviteAdministrator, {
    body: { name: `invited-${count}`, displayName: 'Invited', grants: [everywhere('auditor')] },
  });
  // There is room for so many roles and no more: those of earlier worlds have done their work.
  await server.database.db.deleteFrom('access_role').where('is_built_in', '=', false).execute();
  const role = await owner.call(createRole, {
    body: { name: `Role ${count}`, description: 'Of a world', permissions: ['logs:read'] },
  });
  const tagName = `tag-${count}`;
  const { changeId } = await callApi(server, changeDeviceTags, {
    body: { targets: { deviceIds: [device.id] }, add: [tagName], remove: [] },
  });
  const { tags } = await callApi(server, listTags);
  const tag = tags.find((one) => one.name === tagName);
  assert.ok(tag !== undefined && changeId !== null);
  const note = { params: { deviceId: device.id }, body: { text: `note ${count}` } };
  const { id: noteId } = await callApi(server, addNote, note);
  const { id: removedNoteId } = await callApi(server, addNote, note);
  await callApi(server, removeNote, { params: { noteId: removedNoteId } });
  const view = { name: `view ${count}`, content: { filter: { groupId: group.id } }, isShared: true };
  const { id: savedViewId } = await callApi(server, createSavedView, { body: view });
  return {
    groupId: group.id,
    groupRevision: group.revision,
    innerGroupId: inner.id,
    innerTargetId: innerTarget.id,
    otherGroupId: other.id,
    deviceId: device.id,
    productNumber: device.productNumber,
    tokenId: token.id,
    recycledItemId: recycled.id,
    waitingId: entry.id,
    commandId: command.id,
    tagId: tag.id,
    tagName,
    tagChangeId: changeId,
    noteId,
    removedNoteId,
    savedViewId,
    invited: administrator,
    roleId: role.id,
    apiKeyId: (await storeApiKey(server, { ownerId, permissions: ['directory:read'] })).id,
    waitingJobId: await storeJob(server, { state: 'waiting' }),
    deadJobId: await storeJob(server, { state: 'dead' }),
  };
}

/** Worlds that many rows ask about: each is made once, and again only after somebody has changed it. */
export class KeptWorlds<Name extends string> {
  readonly #create: () => Promise<World>;
  readonly #kept = new Map<Name, World>();

  constructor(create: () => Promise<World>) {
    this.#create = create;
  }

  async find(name: Name): Promise<World> {
    const world = this.#kept.get(name) ?? (await this.#create());
    this.#kept.set(name, world);
    return world;
  }

  /** It is not as it was made any more. */
  spoil(name: Name): void {
    this.#kept.delete(name);
  }
}

/** What lies in the group of a world: none of it may show up where it is hidden. */
export function objectIdsOf(world: World): string[] {
  return [
    world.groupId,
    world.deviceId,
    world.tokenId,
    world.recycledItemId,
    world.waitingId,
    world.commandId,
  ];
}

/** The same world with ids that nothing has. */
export function worldOfNobody(world: World): World {
  const texts = Object.entries(world).map(([name, value]) => [
    name,
    typeof value === 'string' ? randomUUID() : value,
  ]);
  return {
    ...(Object.fromEntries(texts) as World),
    productNumber: 9_000_000_000_000_000,
    invited: { ...world.invited, id: randomUUID() },
  };
}

export interface StoredKeyOptions {
  readonly ownerId: string;
  readonly permissions: readonly Permission[];
  readonly scopeGroupId?: string | undefined;
}

/** A key as it could stand in the database, also one that no route would make. */
export async function storeApiKey(
  server: TestServer,
  options: StoredKeyOptions,
): Promise<{ readonly id: string; readonly headers: CallerHeaders }> {
  const prefix = `hfk_${randomBytes(4).toString('hex')}`;
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`;
  const id = randomUUID();
  await server.database.db
    .insertInto('api_key')
    .values({
      id,
      name: 'stored',
      prefix,
      key_hash: createHash('sha256').update(key).digest(),
      permissions: [...options.permissions],
      scope_group_id: options.scopeGroupId ?? null,
      owner_id: options.ownerId,
      created_at: new Date(server.clock.now()),
      created_by: 'test',
      expires_at: null,
      last_used_at: null,
    })
    .execute();
  return { id, headers: { authorization: `Bearer ${key}` } };
}
