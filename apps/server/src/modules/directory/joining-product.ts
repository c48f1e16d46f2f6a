import { type Platform, platforms } from '@holdfast/api';
import type { DomainEvent } from '../../platform/events/domain-event.ts';
import type { GroupRecord } from './group-tree.ts';
import type { NewDevice } from './new-products.store.ts';
import type { ProductRecord } from './products.store.ts';
import { toPlainAddress } from './sort-key.ts';

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

export function describeDevice(
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
export function describeNewDevice(joining: JoiningProduct, joined: ProductRecord): DomainEvent[] {
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

export function describeRegistered(
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
export function describeJoined(joining: JoiningProduct, number: number, deviceId: string): ProductRecord {
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

/** Platforms that the contract has no word for are "other". */
export function toPlatform(text: string): Platform {
  return platforms.find((platform) => platform === text) ?? 'other';
}
