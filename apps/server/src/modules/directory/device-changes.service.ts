import type { ChangePlan, DeviceAdmission, RecycledItem } from '@holdfast/api';
import { type Actor, actorNameOf, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import { countOf, createChangePlan } from './change-plan.ts';
import { recordDeviceChanges, requireDevices } from './device-change.ts';
import {
  type DeviceRecord,
  listDevices,
  lockDevices,
  findProductStates,
  recycleDevices,
  setProductStates,
} from './devices.store.ts';
import type { Caller, DirectoryPlatform } from './directory-change.ts';
import { createDeviceNotFound, createDirectoryChanged } from './directory.errors.ts';
import { toItem } from './groups.service.ts';
import { insertRecycled, type RecycledRecord } from './recycle-bin.store.ts';

interface Chosen {
  readonly deviceIds: readonly string[];
}

interface Admission extends Chosen {
  readonly state: DeviceAdmission;
}

export interface DeviceChangeParts {
  readonly platform: DirectoryPlatform;
  readonly presence: Pick<PresenceModule, 'setDisabled'>;
}

/**
 * What is done to many devices at once: planned, shown, then carried out as shown or refused, in one transaction. Every
 * device must lie where the caller may edit; one that does not ends the whole change.
 */
export class DeviceChangeService {
  readonly #platform: DirectoryPlatform;
  readonly #presence: Pick<PresenceModule, 'setDisabled'>;

  constructor({ platform, presence }: DeviceChangeParts) {
    this.#platform = platform;
    this.#presence = presence;
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND */
  async planRemoval(actor: Actor, { deviceIds }: Chosen): Promise<ChangePlan> {
    requirePermission(actor, 'directory:edit');
    const found = await listDevices(this.#platform.database, deviceIds);
    return planRemoval(requireDevices(actor, 'directory:edit', deviceIds, found));
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND, DIRECTORY_CHANGED */
  async removeDevices(
    caller: Caller,
    removal: Chosen & { readonly planToken: string },
  ): Promise<RecycledItem[]> {
    requirePermission(caller.actor, 'directory:edit');
    const items = await inTransaction(this.#platform.database, async (transaction) => {
      const devices = await this.#lock(transaction, caller.actor, removal.deviceIds);
      if (planRemoval(devices).planToken !== removal.planToken) throw createDirectoryChanged();
      return await this.#recycle(transaction, caller, devices);
    });
    return items.map(toItem);
  }

  /** The same for one device, which needs no plan. @throws DirectoryError DEVICE_NOT_FOUND */
  async removeDevice(caller: Caller, deviceId: string): Promise<RecycledItem> {
    requirePermission(caller.actor, 'directory:edit');
    const [item] = await inTransaction(this.#platform.database, async (transaction) => {
      const locked = await this.#lock(transaction, caller.actor, [deviceId]);
      return await this.#recycle(transaction, caller, locked);
    });
    if (item === undefined) throw createDeviceNotFound();
    return toItem(item);
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND */
  async planAdmission(actor: Actor, admission: Admission): Promise<ChangePlan> {
    requirePermission(actor, 'directory:edit');
    const { database } = this.#platform;
    const { deviceIds } = admission;
    const devices = requireDevices(
      actor,
      'directory:edit',
      deviceIds,
      await listDevices(database, deviceIds),
    );
    return planAdmission(admission, devices, await findProductStates(database, devices, 'unlocked'));
  }

  /**
   * @returns the devices that were in the other state before
   * @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND, DIRECTORY_CHANGED
   */
  async setAdmission(
    caller: Caller,
    admission: Admission & { readonly planToken: string },
  ): Promise<readonly string[]> {
    requirePermission(caller.actor, 'directory:edit');
    const { state } = admission;
    const changed = await inTransaction(this.#platform.database, async (transaction) => {
      // Products first, as handshakes lock them: a device and its product never wait for each other in a ring.
      const seen = await listDevices(transaction, admission.deviceIds);
      // A device that got another product in between has no state here, so its plan is another one.
      const states = await findProductStates(transaction, seen, 'locked');
      const devices = await this.#lock(transaction, caller.actor, admission.deviceIds);
      const plan = planAdmission(admission, devices, states);
      if (plan.planToken !== admission.planToken) throw createDirectoryChanged();
      const changing = devices.filter((device) => states.get(device.productNumber) !== state);
      await setProductStates(
        transaction,
        changing.map((device) => device.productNumber),
        state,
      );
      await this.#recordAdmissions(transaction, caller, changing, state);
      return changing;
    });
    for (const { productNumber } of changed) {
      this.#presence.setDisabled(productNumber, state === 'disabled');
    }
    return changed.map((device) => device.id);
  }

  async #lock(
    transaction: Transaction,
    actor: Actor,
    deviceIds: readonly string[],
  ): Promise<readonly DeviceRecord[]> {
    return requireDevices(actor, 'directory:edit', deviceIds, await lockDevices(transaction, deviceIds));
  }

  async #recycle(
    transaction: Transaction,
    caller: Caller,
    devices: readonly DeviceRecord[],
  ): Promise<RecycledRecord[]> {
    const { clock, createId } = this.#platform;
    const removedAt = new Date(clock.now()).toISOString();
    const items = devices.map(
      (device): RecycledRecord => ({
        id: createId(),
        kind: 'device',
        objectId: device.id,
        name: device.name,
        path: [...device.groupNames],
        scopePath: device.groupPath,
        deviceCount: 1,
        groupCount: 0,
        removedAt,
        removedBy: actorNameOf(caller.actor),
      }),
    );
    await insertRecycled(transaction, items);
    await recycleDevices(transaction, items);
    await recordDeviceChanges(
      this.#platform,
      transaction,
      caller,
      devices.map((device) => ({
        action: 'device.removed',
        device,
        details: { path: device.groupNames },
        event: {
          type: 'device.removed',
          objectId: device.id,
          groupIds: device.groupPath,
          data: { name: device.name, path: [...device.groupNames] },
        },
      })),
    );
    return items;
  }

  async #recordAdmissions(
    transaction: Transaction,
    caller: Caller,
    devices: readonly DeviceRecord[],
    state: DeviceAdmission,
  ): Promise<void> {
    await this.#platform.recordEvents(
      transaction,
      devices.map((device) => ({
        type: state === 'disabled' ? 'product.disabled' : 'product.enabled',
        objectId: String(device.productNumber),
        groupIds: device.groupPath,
        data: { deviceId: device.id, deviceName: device.name },
      })),
    );
    await this.#platform.recordAuditEntry(
      transaction,
      caller.actor,
      devices.map((device) => ({
        action: state === 'disabled' ? 'product.disabled' : 'product.enabled',
        objectKind: 'product',
        objectId: String(device.productNumber),
        objectName: device.name,
        scopeGroupId: device.groupId,
        details: { deviceId: device.id },
      })),
      caller.request,
    );
  }
}

function planRemoval(devices: readonly DeviceRecord[]): ChangePlan {
  const count = devices.length;
  return createChangePlan(
    {
      groupCount: 0,
      deviceCount: count,
      consequences: [
        `${countOf(count, 'device')} ${count === 1 ? 'goes' : 'go'} to the recycle bin and can be restored from there.`,
        count === 1
          ? 'It stays registered and goes on reporting.'
          : 'They stay registered and go on reporting.',
      ],
    },
    { kind: 'device-removal', devices: devices.map((device) => [device.id, device.groupId]) },
  );
}

function planAdmission(
  { state }: Admission,
  devices: readonly DeviceRecord[],
  states: ReadonlyMap<number, DeviceAdmission>,
): ChangePlan {
  const count = devices.filter((device) => states.get(device.productNumber) !== state).length;
  const staying = devices.length - count;
  const consequences =
    state === 'disabled'
      ? [
          `The agent on ${countOf(count, 'device')} is refused at its next call, until it is enabled again.`,
          'A disabled agent reports nothing and gets no commands. Nothing is changed on the device itself.',
        ]
      : [`The agent on ${countOf(count, 'device')} may speak with the server again from its next call on.`];
  const word = state === 'disabled' ? 'disabled' : 'enabled';
  return createChangePlan(
    {
      groupCount: 0,
      deviceCount: count,
      consequences: [
        ...consequences,
        ...(staying === 0 ? [] : [`On ${countOf(staying, 'device')} it is ${word} already.`]),
      ],
    },
    {
      kind: 'device-admission',
      state,
      devices: devices.map((device) => [device.id, states.get(device.productNumber)]),
    },
  );
}
