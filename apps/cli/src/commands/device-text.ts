import {
  definitionOf,
  type DeviceDetails,
  type DeviceFieldName,
  type DeviceSummary,
  isCountedDisk,
  plainFields,
  type Presence,
  type TwinContradiction,
} from '@holdfast/api';
import { formatDuration } from '../output/duration.ts';
import { toTerminalText } from '@holdfast/kernel';
import { formatFacts } from '../output/table.ts';
import { formatGroupPath } from './lookup.ts';

/** `online (seen 12 s ago)`, `offline (never seen)`; with what is remembered from before a restart of the server, that it is. */
export function formatPresence(presence: Presence, nowMs: number): string {
  if (presence.lastSeenAt === null) return `${presence.status} (never seen)`;
  const remembered = presence.reason === 'before-restart' ? ', not heard since the server started' : '';
  return `${presence.status} (seen ${formatDuration(nowMs - Date.parse(presence.lastSeenAt))} ago${remembered})`;
}

/** A name with what tells its device from others of the same name. */
export function tellApart(name: string, distinction: string | undefined): string {
  return distinction === undefined ? name : `${name} (${distinction})`;
}

const twinContradictionTexts: Readonly<Record<TwinContradiction, string>> = {
  installation: 'another system: it reports another installation',
  interfaces: 'another system: no network interface in common',
  overlap: 'another system: both were heard at the same time',
};

/** The words of the filter of devices. */
export function formatEncryption(isEncrypted: boolean | null): string {
  return isEncrypted === null ? 'unknown' : isEncrypted ? 'encrypted' : 'not-encrypted';
}

/** A field of a device as a list shows it; empty where an older server does not know it. */
export function formatField(device: DeviceSummary, name: DeviceFieldName, nowMs: number): string {
  switch (name) {
    case 'presence':
      return formatPresence(device.presence, nowMs);
    case 'groupPath':
      return formatGroupPath(device.groupPath);
    case 'isEncrypted':
      return formatEncryption(device.isEncrypted);
    case 'tags':
      return device.tags.join(', ');
    default: {
      const value: string | number | undefined = device[name];
      return String(value ?? '');
    }
  }
}

/** Bytes in binary units with three significant digits: `15.6 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${units[power]}`;
}

/** All that is known of a device, for reading. */
export function formatDevice({ device, products, inventory }: DeviceDetails, nowMs: number): string {
  const facts = inventory?.facts;
  const processor = facts?.processor;
  const general = formatFacts([
    ['Name', device.name],
    ['Status', formatPresence(device.presence, nowMs)],
    ['Group', device.groupPath.join('/') || '/'],
    ['Tags', device.tags.join(', ')],
    ...plainFields.map((name) => [definitionOf(name).title, formatField(device, name, nowMs)] as const),
    ['System', device.system],
    ['Kernel', facts?.system?.kernel],
    ['Processor', processor === undefined ? undefined : `${processor.model}, ${processor.cores} cores`],
    ['Memory', facts?.memory === undefined ? undefined : formatBytes(facts.memory.totalBytes)],
    ['Address', device.address],
    ['Agent', device.agentVersion],
    ['Up since', facts?.bootedAt],
    ['Registered', device.registeredAt],
    ['Encryption', formatEncryption(device.isEncrypted)],
    [
      'Same computer',
      device.twins
        .map(
          (twin) =>
            `${twin.name} (${twin.deviceId}), ${formatPresence(twin.presence, nowMs)}${twin.contradiction === undefined ? '' : `, ${twinContradictionTexts[twin.contradiction]}`}`,
        )
        .join('; '),
    ],
    ['Id', device.id],
  ]);
  const disks = (facts?.disks ?? []).map(
    (disk) =>
      `Disk       ${toTerminalText(disk.name)}  ${formatBytes(disk.sizeBytes)}  ${disk.encryption}${isCountedDisk(disk) ? '' : `  (${disk.exemption ?? 'removable'}, does not count)`}\n`,
  );
  const more = facts?.disksOmitted === undefined ? [] : [`           and ${facts.disksOmitted} more\n`];
  const lines = products.map(({ name, version, productNumber, troubles = [], communication }) => {
    const { mode, modeReason, transport, transportReason } = communication;
    return (
      `Product    ${toTerminalText(name)} ${version}, number ${productNumber}\n` +
      `           heartbeats: ${transport} (${transportReason || 'not settled'}), calls: ${mode} (${modeReason || 'not settled'})\n` +
      (troubles.length === 0 ? '' : `           troubles: ${troubles.join(', ')}\n`)
    );
  });
  return [general, ...disks, ...more, ...lines].join('');
}
