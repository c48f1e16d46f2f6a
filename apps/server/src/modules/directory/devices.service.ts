import {
  type ChangePlan,
  type DeviceDetails,
  InventoryFacts,
  MAX_FIELD_CHARACTERS,
  type Permission,
  type ProductCommunication,
  type SetField,
  setFields,
} from '@holdfast/api';
import { Check } from 'typebox/value';
import { type Actor, requirePermission, type Sight } from '../../platform/access/actor.ts';
import { composeName } from '../../platform/http/composed-name.ts';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import { toContractActivity, toContractTroubles } from './activity.ts';
import { countOf, createChangePlan, describeRights } from './change-plan.ts';
import { listGroupHolders } from './change-plan.store.ts';
import { recordDeviceChanges, requireDevices } from './device-change.ts';
import type { DeviceListService } from './device-list.service.ts';
import { findDeviceRow } from './device-list.store.ts';
import {
  type DeviceRecord,
  findInventory,
  listDevices,
  listProducts,
  lockDeviceFields,
  lockDevices,
  moveDevices,
  type ProductRow,
  writeDeviceFields,
} from './devices.store.ts';
import { type Caller, deviceSight, type DirectoryPlatform, requireGroup } from './directory-change.ts';
import { createDeviceNotFound, createDirectoryChanged, DirectoryError } from './directory.errors.ts';
import { findGroup, findGroupForShare } from './groups.store.ts';
import { lockProduct, setProductState } from './products.store.ts';

/** Of whoever calls products: what is used and what came of it, given what was settled. */
export interface ProductCalls {
  describe(
    productNumber: number,
    settled: Pick<ProductCommunication, 'mode' | 'modeReason'>,
  ): Pick<ProductCommunication, 'mode' | 'modeReason' | 'intervalMs' | 'lastNotification'>;
}

export interface DeviceServiceDependencies {
  readonly platform: DirectoryPlatform;
  readonly presence: Pick<PresenceModule, 'currentPresence' | 'currentActivity' | 'setDisabled'>;
  readonly list: Pick<DeviceListService, 'toSummaries'>;
  readonly calls: ProductCalls;
}

interface DeviceMove {
  readonly deviceIds: readonly string[];
  readonly groupId: string;
}

/** Use cases of single devices, and of handfuls of them. */
export class DeviceService {
  readonly #platform: DirectoryPlatform;
  readonly #presence: DeviceServiceDependencies['presence'];
  readonly #list: DeviceServiceDependencies['list'];
  readonly #calls: ProductCalls;

  constructor(deps: DeviceServiceDependencies) {
    this.#platform = deps.platform;
    this.#presence = deps.presence;
    this.#list = deps.list;
    this.#calls = deps.calls;
  }

  async getDevice(actor: Actor, deviceId: string): Promise<DeviceDetails> {
    requirePermission(actor, 'directory:read');
    return await this.#readDetails(actor, 'directory:read', deviceId);
  }

  async #readDetails(actor: Actor, permission: Permission, deviceId: string): Promise<DeviceDetails> {
    const { database } = this.#platform;
    const row = await findDeviceRow(database, deviceId);
    if (row === undefined) throw createDeviceNotFound();
    requirePermission(actor, permission, row.groupPath, deviceSight);
    const [device] = await this.#list.toSummaries(actor, [row]);
    if (device === undefined) throw createDeviceNotFound();
    const products = await listProducts(database, deviceId);
    const inventory = await findInventory(database, deviceId);
    // Facts that an earlier release stored in another form are not shown rather than shown wrongly.
    const facts =
      inventory !== undefined && Check(InventoryFacts, inventory.facts) ? inventory.facts : undefined;
    return {
      device,
      products: products.map((product) => this.#toProduct(product)),
      inventory:
        inventory === undefined || facts === undefined
          ? null
          : {
              collectedAt: inventory.collectedAt.toISOString(),
              receivedAt: inventory.receivedAt.toISOString(),
              facts,
            },
    };
  }

  async renameDevice(caller: Caller, deviceId: string, name: string | null): Promise<DeviceDetails> {
    requirePermission(caller.actor, 'directory:edit');
    const displayName = name === null ? null : composeName(name);
    await inTransaction(this.#platform.database, async (transaction) => {
      const found = await this.#lock(transaction, caller.actor, [deviceId]);
      const it = firstOf(found);
      const details = { from: it.name, to: displayName ?? it.reportedName };
      const known = await lockDeviceFields(transaction, deviceId);
      if (known === undefined) throw createDeviceNotFound();
      await writeDeviceFields(transaction, deviceId, { ...known, displayName });
      await recordDeviceChanges(this.#platform, transaction, caller, [
        {
          action: 'device.renamed',
          device: it,
          details,
          event: { type: 'device.renamed', objectId: it.id, groupIds: it.groupPath, data: details },
        },
      ]);
    });
    // Not `getDevice`: whoever may rename gets the answer to it, whether or not it may look at other devices.
    return await this.#readDetails(caller.actor, 'directory:edit', deviceId);
  }

  /** What is absent stays; an empty text takes a value away. @throws DirectoryError DEVICE_NOT_FOUND; HttpError REQUEST_INVALID */
  async setFields(
    caller: Caller,
    deviceId: string,
    given: Readonly<Partial<Record<SetField, string | undefined>>>,
  ): Promise<DeviceDetails> {
    requirePermission(caller.actor, 'directory:edit');
    const values = setFields.flatMap((name) => {
      const value = given[name];
      return value === undefined ? [] : [{ name, to: composeName(value, name, MAX_FIELD_CHARACTERS) }];
    });
    await inTransaction(this.#platform.database, async (transaction) => {
      const it = firstOf(await this.#lock(transaction, caller.actor, [deviceId]));
      const known = await lockDeviceFields(transaction, deviceId);
      if (known === undefined) throw createDeviceNotFound();
      const changes = values
        .map(({ name, to }) => ({ name, from: known[name], to }))
        .filter(({ from, to }) => from !== to);
      if (changes.length === 0) return;
      const now = Object.fromEntries(changes.map(({ name, to }) => [name, to]));
      await writeDeviceFields(transaction, deviceId, { ...known, ...now });
      const data = { name: it.name, changes };
      await recordDeviceChanges(this.#platform, transaction, caller, [
        {
          action: 'device.fields-set',
          device: it,
          details: Object.fromEntries(changes.map(({ name, from, to }) => [name, { from, to }])),
          event: { type: 'device.fields-set', objectId: it.id, groupIds: it.groupPath, data },
        },
      ]);
    });
    return await this.#readDetails(caller.actor, 'directory:edit', deviceId);
  }

  async planMove(actor: Actor, move: DeviceMove): Promise<ChangePlan> {
    requirePermission(actor, 'directory:edit');
    const { database } = this.#platform;
    const devices = requireDevices(
      actor,
      'directory:edit',
      move.deviceIds,
      await listDevices(database, move.deviceIds),
    );
    return (await this.#planMove(database, actor, move, devices)).plan;
  }

  async moveDevices(caller: Caller, move: DeviceMove & { readonly planToken: string }): Promise<number> {
    requirePermission(caller.actor, 'directory:edit');
    return await inTransaction(this.#platform.database, async (transaction) => {
      // The group first, as registrations do it: it stays where it is until the devices are in it.
      await findGroupForShare(transaction, move.groupId);
      const devices = await this.#lock(transaction, caller.actor, move.deviceIds);
      const { plan, group } = await this.#planMove(transaction, caller.actor, move, devices);
      if (plan.planToken !== move.planToken) throw createDirectoryChanged();
      const changed = devices.filter((device) => device.groupId !== move.groupId);
      await moveDevices(
        transaction,
        changed.map((device) => device.id),
        move.groupId,
      );
      await recordDeviceChanges(
        this.#platform,
        transaction,
        caller,
        changed.map((device) => ({
          action: 'device.moved',
          device,
          elsewhere: [
            { about: { kind: 'group', id: device.groupId }, facts: { from: device.groupNames } },
            { about: { kind: 'group', id: group.id }, facts: { to: group.names } },
          ],
          event: {
            type: 'device.moved',
            objectId: device.id,
            groupIds: [...new Set([...device.groupPath, ...group.path])],
            data: { name: device.name, from: [...device.groupNames], to: [...group.names] },
          },
        })),
      );
      return changed.length;
    });
  }

  async setProductState(caller: Caller, productNumber: number, state: 'active' | 'disabled'): Promise<void> {
    requirePermission(caller.actor, 'directory:edit');
    const changed = await inTransaction(this.#platform.database, async (transaction) => {
      const found = await lockProduct(transaction, productNumber);
      if (found === undefined || found.isRecycled) throw createProductNotFound();
      requirePermission(caller.actor, 'directory:edit', found.groupPath, productSight);
      if (found.state === state) return undefined;
      await setProductState(transaction, productNumber, state);
      await this.#platform.recordEvents(transaction, {
        type: state === 'disabled' ? 'product.disabled' : 'product.enabled',
        objectId: String(productNumber),
        groupIds: found.groupPath,
        data: { deviceId: found.deviceId, deviceName: found.deviceName },
      });
      await this.#platform.recordAuditEntry(
        transaction,
        caller.actor,
        {
          action: state === 'disabled' ? 'product.disabled' : 'product.enabled',
          objectKind: 'product',
          objectId: String(productNumber),
          objectName: found.deviceName,
          scopeGroupId: found.groupId,
          details: { deviceId: found.deviceId },
        },
        caller.request,
      );
      return found;
    });
    // Enabling what is enabled must not end the presence of a product that is online.
    if (changed === undefined) return;
    this.#presence.setDisabled(productNumber, state === 'disabled');
  }

  async #planMove(db: Database, actor: Actor, move: DeviceMove, devices: readonly DeviceRecord[]) {
    const group = requireGroup(actor, 'directory:edit', await findGroup(db, move.groupId));
    const now = new Date(this.#platform.clock.now());
    const holders = await listGroupHolders(db, now);
    const moving = devices.filter((device) => device.groupId !== group.id);
    const staying = devices.length - moving.length;
    // Devices of one group share their consequences.
    const origins = new Map(moving.map((device) => [device.groupId, device]));
    const where = group.names.length === 0 ? group.name : group.names.join(' / ');
    const consequences = [
      `${countOf(moving.length, 'device')} ${moving.length === 1 ? 'moves' : 'move'} to "${where}".`,
      ...(staying === 0
        ? []
        : [`${countOf(staying, 'device')} ${staying === 1 ? 'is' : 'are'} there already.`]),
      ...[...origins.values()].flatMap((origin) => {
        const sentences = describeRights(holders, origin.groupPath, group.path);
        const place = origin.groupNames.join(' / ') || 'All devices';
        return origins.size === 1 ? sentences : sentences.map((sentence) => `From "${place}": ${sentence}`);
      }),
    ];
    const plan = createChangePlan(
      { groupCount: 0, deviceCount: moving.length, consequences },
      {
        kind: 'device-move',
        group: [group.id, group.revision],
        devices: devices.map((device) => [device.id, device.groupId]),
      },
    );
    return { plan, group };
  }

  async #lock(
    transaction: Transaction,
    actor: Actor,
    deviceIds: readonly string[],
  ): Promise<readonly DeviceRecord[]> {
    return requireDevices(actor, 'directory:edit', deviceIds, await lockDevices(transaction, deviceIds));
  }

  #toProduct(row: ProductRow): DeviceDetails['products'][number] {
    const activity = this.#presence.currentActivity(row.number);
    return {
      productNumber: row.number,
      kind: row.kind,
      name: row.name,
      version: row.version,
      keyThumbprint: row.keyThumbprint,
      state: row.state,
      transport: row.transport,
      transportReason: row.transportReason,
      communication: {
        transport: row.transport,
        transportReason: row.transportReason,
        ...this.#calls.describe(row.number, { mode: row.mode, modeReason: row.modeReason }),
      },
      registeredAt: row.registeredAt.toISOString(),
      lastHandshakeAt: row.lastHandshakeAt?.toISOString() ?? null,
      clockSkewMs: row.clockSkewMs,
      presence: this.#presence.currentPresence(row.number),
      activity: toContractActivity(activity),
      troubles: [...toContractTroubles(activity)],
    };
  }
}

const productSight: Sight = { permission: 'directory:read', createNotFound: createProductNotFound };

function createProductNotFound(): DirectoryError {
  return new DirectoryError('PRODUCT_NOT_FOUND', 'There is no such managed product.');
}

function firstOf(devices: readonly DeviceRecord[]): DeviceRecord {
  const [device] = devices;
  if (device === undefined) throw createDeviceNotFound();
  return device;
}
