import { type DeviceDetails, isCountedDisk, type ProductTrouble } from '@holdfast/api';
import { volumeUseOf } from './volume-use.ts';

/** Something about a device that an administrator would want to know first. */
export type Attention =
  | { readonly kind: 'not-encrypted'; readonly disks: readonly string[] }
  | { readonly kind: 'trouble'; readonly trouble: ProductTrouble }
  | { readonly kind: 'clock-skew'; readonly skewMs: number }
  | { readonly kind: 'offline'; readonly sinceAt: string; readonly lastSeenAt: string | null }
  | { readonly kind: 'never-seen' }
  | { readonly kind: 'service-stopped'; readonly sinceAt: string }
  | { readonly kind: 'disabled' }
  | {
      readonly kind: 'volume-full';
      readonly volume: string;
      readonly freeBytes: number;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'inventory-old'; readonly collectedAt: string }
  | { readonly kind: 'inventory-none' };

/** Beyond this the clock is wrong, not merely a little off. */
const toleratedSkewMs = 5 * 60_000;
const oldInventoryMs = 7 * 86_400_000;
const fullShare = 0.05;
/** A boot partition that is full by design is nobody's business. */
const smallestWatchedBytes = 4 * 1024 ** 3;

/** What is wrong with a device, the worst first. */
export function attentionsOf(details: DeviceDetails, nowMs: number): readonly Attention[] {
  const attentions: Attention[] = [];
  const { presence } = details.device;
  if (presence.status === 'disabled') attentions.push({ kind: 'disabled' });
  else if (presence.reason === 'never-seen') attentions.push({ kind: 'never-seen' });
  else if (presence.status === 'service-stopped' && presence.changedAt !== null) {
    attentions.push({ kind: 'service-stopped', sinceAt: presence.changedAt });
  } else if (presence.status === 'offline' && presence.changedAt !== null) {
    attentions.push({ kind: 'offline', sinceAt: presence.changedAt, lastSeenAt: presence.lastSeenAt });
  }
  for (const { troubles = [] } of details.products)
    for (const trouble of troubles) attentions.push({ kind: 'trouble', trouble });
  for (const { clockSkewMs } of details.products) {
    if (clockSkewMs !== null && Math.abs(clockSkewMs) > toleratedSkewMs) {
      attentions.push({ kind: 'clock-skew', skewMs: clockSkewMs });
    }
  }
  const { inventory } = details;
  if (inventory === null) return [...attentions, { kind: 'inventory-none' }];
  const open = (inventory.facts.disks ?? []).filter(
    (disk) =>
      isCountedDisk(disk) && (disk.encryption === 'not-encrypted' || disk.encryption === 'partly-encrypted'),
  );
  if (open.length > 0) attentions.push({ kind: 'not-encrypted', disks: open.map((disk) => disk.name) });
  for (const volume of (inventory.facts.disks ?? []).flatMap((disk) => disk.volumes ?? [])) {
    const use = volumeUseOf(volume);
    if (use === undefined || use.sizeBytes < smallestWatchedBytes) continue;
    if (1 - use.usedShare < fullShare) {
      attentions.push({
        kind: 'volume-full',
        volume: volume.mountPoint ?? volume.name,
        freeBytes: use.freeBytes,
        sizeBytes: use.sizeBytes,
      });
    }
  }
  if (nowMs - Date.parse(inventory.collectedAt) > oldInventoryMs) {
    attentions.push({ kind: 'inventory-old', collectedAt: inventory.collectedAt });
  }
  return attentions;
}
