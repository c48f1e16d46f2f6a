import type { Transaction } from '../../platform/database/index.ts';
import type { DomainEvent } from '../../platform/events/domain-event.ts';
import { countTrusting } from './directory-summary.store.ts';
import { findHardwareId, writeHardwareId } from './device-twins.store.ts';
import type { Caller, DirectoryPlatform } from './directory-change.ts';
import { type GroupRecord, NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from './group-tree.ts';
import type { GroupService } from './groups.service.ts';
import { findChildByKey, findGroup, findGroupForShare, lockTree, tryHoldGroups } from './groups.store.ts';
import {
  insertProducts,
  isDeviceIdFree,
  listKnown,
  listPossibleHomes,
  lockHardware,
  lockKey,
  type NewDevice,
  type Newcomer,
  type NewProduct,
  takeOldNumber,
  tryLockNewcomers,
} from './newcomers.store.ts';
import {
  type ChosenWays,
  findProduct,
  findProductByKey,
  lockProductByKey,
  type ProductRecord,
  writeHandshake,
  writeWays,
} from './products.store.ts';
import { type ReportedFacts, toPlatform, withReported } from './reported-facts.ts';
import { toPlainAddress, toSortKey } from './sort-key.ts';
import { listChanged } from './device-columns.ts';
import { lockDeviceFields, writeDeviceFields } from './devices.store.ts';

/** A product that joins, proven and admitted. */
export interface JoiningProduct {
  readonly keyThumbprint: string;
  readonly publicJwk: object;
  readonly product: { readonly kind: string; readonly name: string; readonly version: string };
  readonly device: {
    readonly hardwareId?: string | undefined;
    readonly installationId?: string | undefined;
    readonly name: string;
    readonly platform: string;
    readonly architecture: string;
  };
  readonly capabilities: object;
  readonly group: GroupRecord;
  readonly remoteAddress: string;
  /** What a sealed receipt says that it was. */
  readonly former?: { readonly productNumber: number; readonly deviceId: string } | undefined;
}

export interface JoinedProduct {
  readonly product: ProductRecord;
  readonly isNewDevice: boolean;
  /** The older device that reports the same hardware and was left alone. */
  readonly twinId: string | null;
}

/** What a handshake tells about a product. */
export interface HandshakeReport {
  readonly epoch: number;
  readonly product: { readonly name: string; readonly version: string };
  readonly device: {
    readonly name: string;
    readonly platform: string;
    readonly architecture: string;
    readonly installationId?: string | undefined;
  };
  readonly capabilities: object;
  /** Fingerprints of the authorities that it trusts. */
  readonly trusts: readonly string[];
  readonly remoteAddress: string;
  readonly clockSkewMs: number;
}

/** Records of products and their devices, for the modules that speak with products. */
export class ProductRecords {
  readonly #platform: DirectoryPlatform;
  readonly #groups: GroupService;

  constructor(platform: DirectoryPlatform, groups: GroupService) {
    this.#platform = platform;
    this.#groups = groups;
  }

  /** The product with this key, after every other registration of the same key. */
  async findByKeyInTurn(transaction: Transaction, keyThumbprint: string): Promise<ProductRecord | undefined> {
    await lockKey(transaction, keyThumbprint);
    return await findProductByKey(transaction, keyThumbprint);
  }

  /**
   * Of these, whose keys and hardware differ, those that nobody knows and nobody else is registering: they stay unknown until the
   * transaction ends. Waits for nobody.
   *
   * @returns their keys
   */
  async holdNewcomers(
    transaction: Transaction,
    newcomers: readonly Newcomer[],
  ): Promise<ReadonlySet<string>> {
    const held = await tryLockNewcomers(transaction, newcomers);
    // A statement of its own, so that it sees what whoever had a turn before has written.
    const known = await listKnown(transaction, newcomers);
    const unknown = newcomers.filter(
      ({ keyThumbprint, hardwareId }) =>
        held.has(keyThumbprint) &&
        !known.keys.has(keyThumbprint) &&
        (hardwareId === null || !known.hardwareIds.has(hardwareId)),
    );
    return new Set(unknown.map(({ keyThumbprint }) => keyThumbprint));
  }

  /** Those of these groups that exist, locked in place. Groups that another transaction is changing are left out. */
  async tryHoldPlaces(
    transaction: Transaction,
    groupIds: readonly string[],
  ): Promise<ReadonlyMap<string, GroupRecord>> {
    return await tryHoldGroups(transaction, groupIds);
  }

  /** The product with this key, locked until the transaction ends. */
  async lockByKey(transaction: Transaction, keyThumbprint: string): Promise<ProductRecord | undefined> {
    return await lockProductByKey(transaction, keyThumbprint);
  }

  /** The group of a token, held in place; undefined while it lies in the recycle bin or is gone. */
  async findTokenPlace(transaction: Transaction, groupId: string | null): Promise<GroupRecord | undefined> {
    return groupId === null ? undefined : await findGroupForShare(transaction, groupId);
  }

  /** The group if it is there, else "New devices": what joins always has a place. */
  async findPlace(transaction: Transaction, groupId: string | null): Promise<GroupRecord> {
    const group = groupId === null ? undefined : await findGroupForShare(transaction, groupId);
    return group ?? (await this.#getFixed(transaction, NEW_DEVICES_GROUP_ID));
  }

  /**
   * The group with this path of names, made where it is missing.
   *
   * @throws DirectoryError GROUP_TOO_DEEP, GROUP_LIMIT_REACHED
   */
  async ensureGroupPath(
    transaction: Transaction,
    caller: Caller,
    names: readonly string[],
  ): Promise<GroupRecord> {
    await lockTree(transaction);
    let group = await this.#getFixed(transaction, TOP_GROUP_ID);
    for (const name of names) {
      const child = await findChildByKey(transaction, group.id, toSortKey(name));
      group = child ?? (await this.#groups.insertBelow(transaction, caller, group, name));
    }
    return group;
  }

  /**
   * Writes the records of a product that joins.
   *
   * One record per computer: where a device in the token's part of the directory reports the same hardware and has no
   * product of this kind, the product belongs to it. An agent is hostile until proven, and a hardware id proves
   * nothing: it never takes the place of a product that is there. Then there are two devices, and the newer one names
   * the older. Nor does it join a product to a device whose system is another installation: a container shows the hardware of
   * the computer that it runs on.
   */
  async join(transaction: Transaction, joining: JoiningProduct): Promise<JoinedProduct> {
    const { device, former, group, product } = joining;
    const hardwareId = device.hardwareId ?? null;
    if (hardwareId !== null) await lockHardware(transaction, hardwareId);
    const matches = await listPossibleHomes(transaction, hardwareId, former?.deviceId ?? null);
    const home = matches.find(
      (match) =>
        !match.isRecycled &&
        !match.productKinds.includes(product.kind) &&
        // A receipt of this server proves the device; a hardware id counts only where the token counts.
        (match.deviceId === former?.deviceId ||
          (match.groupPath.includes(group.id) && !isOtherInstallation(match, device))),
    );
    const hasOldNumber = former !== undefined && (await takeOldNumber(transaction, former.productNumber));
    const twinId =
      home === undefined ? (matches.find((match) => match.isSameHardware)?.deviceId ?? null) : null;
    const deviceId = home?.deviceId ?? (await this.#chooseDeviceId(transaction, former?.deviceId));
    const chosen = {
      product: this.#describeProduct(joining, deviceId, hasOldNumber ? former.productNumber : undefined),
      device: home === undefined ? describeDevice(joining, twinId) : undefined,
    };
    const [number = 0] = await insertProducts(transaction, [chosen]);
    if (home === undefined) {
      const joined = describeJoined(joining, number, deviceId);
      await this.#platform.recordEvents(transaction, describeNewDevice(joining, joined));
      return { product: joined, isNewDevice: true, twinId };
    }
    const record = await findProduct(transaction, number);
    if (record === undefined) throw new Error('A product that was just written is not there');
    await this.#platform.recordEvents(transaction, describeRegistered(joining, record, false));
    return { product: record, isNewDevice: false, twinId };
  }

  /** Writes the records of newcomers that are held: each is a device of its own. */
  async joinNewcomers(
    transaction: Transaction,
    newcomers: readonly Omit<JoiningProduct, 'former'>[],
  ): Promise<JoinedProduct[]> {
    const chosen = newcomers.map((joining) => ({
      product: this.#describeProduct(joining, this.#platform.createId(), undefined),
      device: describeDevice(joining, null),
    }));
    const numbers = await insertProducts(transaction, chosen);
    const joined = newcomers.map((joining, place) => ({
      joining,
      product: describeJoined(joining, numbers[place] ?? 0, chosen[place]?.product.deviceId ?? ''),
    }));
    await this.#platform.recordEvents(
      transaction,
      joined.flatMap(({ joining, product }) => describeNewDevice(joining, product)),
    );
    return joined.map(({ product }) => ({ product, isNewDevice: true, twinId: null }));
  }

  /** How many products that are in use said with their last handshake that they trust this authority, and how many did not. */
  async countTrusting(fingerprint: string): Promise<{ readonly known: number; readonly unknown: number }> {
    return await countTrusting(this.#platform.database, fingerprint);
  }

  /** Writes what a handshake says. Only the product that stands for a device speaks for it. */
  async recordHandshake(
    transaction: Transaction,
    product: ProductRecord,
    report: HandshakeReport,
  ): Promise<void> {
    await writeHandshake(transaction, product.number, {
      epoch: report.epoch,
      name: report.product.name,
      version: report.product.version,
      capabilities: report.capabilities,
      handshakeAt: new Date(this.#platform.clock.now()),
      clockSkewMs: report.clockSkewMs,
      trusts: report.trusts,
    });
    if (!product.isPrimary) return;
    await this.recordDeviceFacts(transaction, product, {
      name: report.device.name,
      remoteAddress: report.remoteAddress,
      platform: toPlatform(report.device.platform),
      architecture: report.device.architecture,
      agentVersion: report.product.version,
      installationId: report.device.installationId,
    });
  }

  /** Writes what is new about a device; what is not given stays as it is. */
  async recordDeviceFacts(
    transaction: Transaction,
    { deviceId, groupPath }: Pick<ProductRecord, 'deviceId' | 'groupPath'>,
    facts: ReportedFacts,
  ): Promise<void> {
    const old = await lockDeviceFields(transaction, deviceId);
    if (old === undefined) return;
    const now = withReported(old, facts);
    const changed = listChanged(old, now);
    // Most handshakes bring nothing new, and a write of a device costs an entry in each of its indexes.
    if (changed.length === 0) return;
    await writeDeviceFields(transaction, deviceId, now);
    const event = { type: 'device.changed', objectId: deviceId, groupIds: groupPath } as const;
    await this.#platform.recordEvents(transaction, { ...event, data: { changed: [...changed] } });
  }

  /** @returns false when a later handshake has settled, or is about to settle, its own */
  async writeWays(productNumber: number, epoch: number, chosen: ChosenWays): Promise<boolean> {
    return await writeWays(this.#platform.database, productNumber, epoch, chosen);
  }

  /** The product with its place; `undefined` when there is none. */
  async findProduct(productNumber: number): Promise<ProductRecord | undefined> {
    return await findProduct(this.#platform.database, productNumber);
  }

  /** The hardware by which the record of a device is known. */
  async findHardwareId(transaction: Transaction, deviceId: string): Promise<string | null> {
    return await findHardwareId(transaction, deviceId);
  }

  /** The computer has other hardware than when it registered. */
  async writeHardwareId(
    transaction: Transaction,
    deviceId: string,
    hardwareId: string | null,
  ): Promise<void> {
    await writeHardwareId(transaction, deviceId, hardwareId);
  }

  #describeProduct(
    { product, keyThumbprint, publicJwk, capabilities }: JoiningProduct,
    deviceId: string,
    number: number | undefined,
  ): NewProduct {
    const registeredAt = new Date(this.#platform.clock.now());
    return { number, deviceId, ...product, keyThumbprint, publicJwk, capabilities, registeredAt };
  }

  async #chooseDeviceId(transaction: Transaction, former: string | undefined): Promise<string> {
    const isFree = former !== undefined && (await isDeviceIdFree(transaction, former));
    return isFree ? former : this.#platform.createId();
  }

  async #getFixed(transaction: Transaction, groupId: string): Promise<GroupRecord> {
    const group = await findGroup(transaction, groupId);
    if (group === undefined) throw new Error(`The fixed group ${groupId} is missing`);
    return group;
  }
}

/** Both say it, and they differ. */
function isOtherInstallation(
  home: { readonly installationId: string | null },
  device: { readonly installationId?: string | undefined },
): boolean {
  return (
    home.installationId !== null &&
    device.installationId !== undefined &&
    home.installationId !== device.installationId
  );
}

function describeDevice(
  { device, group, product, remoteAddress }: JoiningProduct,
  hardwareTwinId: string | null,
): NewDevice {
  return {
    groupId: group.id,
    name: device.name,
    platform: toPlatform(device.platform),
    architecture: device.architecture,
    address: toPlainAddress(remoteAddress),
    agentVersion: product.version,
    hardwareId: device.hardwareId ?? null,
    installationId: device.installationId ?? null,
    hardwareTwinId,
  };
}

/** A product that stands for a device of its own. */
function describeNewDevice(joining: JoiningProduct, joined: ProductRecord): DomainEvent[] {
  const { deviceId, deviceName, groupNames, groupPath, number } = joined;
  return [
    {
      type: 'device.created',
      objectId: deviceId,
      groupIds: groupPath,
      data: { name: deviceName, path: [...groupNames], productNumber: number },
    },
    describeRegistered(joining, joined, true),
  ];
}

function describeRegistered(
  { product }: Pick<JoiningProduct, 'product'>,
  { number, deviceId, deviceName, groupPath }: ProductRecord,
  isNewDevice: boolean,
): DomainEvent<'product.registered'> {
  return {
    type: 'product.registered',
    objectId: String(number),
    groupIds: groupPath,
    data: { deviceId, deviceName, ...product, isNewDevice },
  };
}

/** What was just written, for a product that stands for a device of its own. */
function describeJoined(joining: JoiningProduct, number: number, deviceId: string): ProductRecord {
  const { group, product } = joining;
  return {
    number,
    deviceId,
    deviceName: joining.device.name,
    kind: product.kind,
    keyThumbprint: joining.keyThumbprint,
    state: 'active',
    epoch: 0,
    capabilities: joining.capabilities,
    groupId: group.id,
    groupPath: group.path,
    groupNames: group.names,
    isPrimary: true,
    isRecycled: false,
  };
}
