import type { Platform } from '@holdfast/api';
import type { Transaction } from '../../platform/database/index.ts';
import { countTrusting } from './directory-summary.store.ts';
import { findHardwareId, writeHardwareId } from './device-twins.store.ts';
import type { Caller, DirectoryPlatform } from './directory-change.ts';
import { type GroupRecord, NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from './group-tree.ts';
import type { GroupService } from './groups.service.ts';
import { findChildByKey, findGroup, findGroupForShare, lockTree, tryHoldGroups } from './groups.store.ts';
import {
  type ChosenWays,
  findProduct,
  findProductByKey,
  isDeviceIdFree,
  type KnownFacts,
  listPossibleHomes,
  lockHardware,
  lockKey,
  lockKnownFacts,
  lockProductByKey,
  type ProductRecord,
  takeOldNumber,
  writeHandshake,
  writePlainFacts,
  writeWays,
} from './products.store.ts';
import {
  describeDevice,
  describeJoined,
  describeNewDevice,
  describeRegistered,
  type JoinedProduct,
  type JoiningProduct,
  toPlatform,
} from './joining-product.ts';
import {
  insertProducts,
  listKnown,
  type Newcomer,
  type NewProduct,
  tryLockNewcomers,
} from './new-products.store.ts';
import { toPlainAddress, toSortKey } from './sort-key.ts';
import { writeSearchedFields } from './devices.store.ts';

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

/** What is reported about a device. */
export interface ReportedFacts {
  readonly name?: string | undefined;
  /** The computer got another name. Counts where the device was known by the one that it had. */
  readonly renamed?: { readonly from: string; readonly to: string } | undefined;
  readonly system?: string | undefined;
  /** Where the last call came from. */
  readonly remoteAddress?: string | undefined;
  /** The first address of the device's own interfaces. */
  readonly ownAddress?: string | undefined;
  readonly platform?: Platform | undefined;
  readonly architecture?: string | undefined;
  readonly agentVersion?: string | undefined;
  readonly isEncrypted?: boolean | null | undefined;
  readonly installationId?: string | undefined;
}

/** What devices report of themselves. */
const reportedFields = [
  'reportedName',
  'system',
  'address',
  'platform',
  'architecture',
  'agentVersion',
  'isEncrypted',
  'installationId',
] as const satisfies readonly (keyof KnownFacts)[];
/** Those that lists are sorted by and searched in. */
const searchedFields: ReadonlySet<string> = new Set(['reportedName', 'system', 'address']);

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

  /** Those of these groups that are there, held in place. What somebody is changing at this moment is left out. */
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
    const old = await lockKnownFacts(transaction, deviceId);
    if (old === undefined) return;
    const now = {
      ...old,
      reportedName:
        facts.name ?? (facts.renamed?.from === old.reportedName ? facts.renamed.to : old.reportedName),
      system: facts.system ?? old.system,
      address: chooseAddress(old.address, facts),
      platform: facts.platform ?? old.platform,
      architecture: facts.architecture ?? old.architecture,
      agentVersion: facts.agentVersion ?? old.agentVersion,
      isEncrypted: facts.isEncrypted === undefined ? old.isEncrypted : facts.isEncrypted,
      installationId: facts.installationId ?? old.installationId,
    };
    const changed = reportedFields.filter((name) => now[name] !== old[name]);
    if (changed.length === 0) return;
    // Most handshakes bring nothing new, and writing a device costs an entry in each of its indexes.
    const isSearchedNew = changed.some((name) => searchedFields.has(name));
    const isPlainNew = changed.some((name) => !searchedFields.has(name));
    if (isSearchedNew) await writeSearchedFields(transaction, deviceId, now);
    if (isPlainNew) await writePlainFacts(transaction, deviceId, now);
    const event = { type: 'device.changed', objectId: deviceId, groupIds: groupPath } as const;
    await this.#platform.recordEvents(transaction, { ...event, data: { changed } });
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

const LOOPBACK = /^(127\.|::1$)/;

/** Where a device is reached from the server's side; behind a loopback address only it can tell. */
function chooseAddress(old: string, facts: Pick<ReportedFacts, 'remoteAddress' | 'ownAddress'>): string {
  const remote = facts.remoteAddress === undefined ? undefined : toPlainAddress(facts.remoteAddress);
  if (remote !== undefined && !LOOPBACK.test(remote)) return remote;
  if (facts.ownAddress !== undefined) return facts.ownAddress;
  return old === '' ? (remote ?? '') : old;
}
