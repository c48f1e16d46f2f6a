import { limits } from '../limits.ts';
import { isActivityItemLength, type ActivityItem } from './activity-items.ts';
import { DatagramRefusal } from './datagram.errors.ts';
import { macBytes } from './hmac-sha256.ts';
import { DatagramType, datagramVersion, layout } from './layout.ts';
import { readU16, readU32, readU64 } from './wire-integer.ts';

/**
 * Everything that can be refused before the code is checked: length, version, type, and the ranges of the
 * header. `undefined` means that all fixed fields of the type are there.
 */
export function findStructureRefusal(bytes: Uint8Array): DatagramRefusal | undefined {
  const { length } = bytes;
  if (length < limits.minDatagramBytes || length > limits.maxDatagramBytes) return DatagramRefusal.length;
  if (bytes[layout.version] !== datagramVersion) return DatagramRefusal.version;
  const type = bytes[layout.type] as number;
  if (type < DatagramType.heartbeat || type > DatagramType.notificationAcknowledgement)
    return DatagramRefusal.type;
  if (type !== DatagramType.heartbeat && length !== limits.minDatagramBytes) return DatagramRefusal.length;
  const productNumber = readU64(bytes, layout.productNumber);
  if (productNumber < 1 || productNumber > limits.maxProductNumber) return DatagramRefusal.range;
  if (readU32(bytes, layout.epoch) < 1) return DatagramRefusal.range;
  const sequence = readU64(bytes, layout.sequence);
  if (sequence < 1 || sequence > limits.maxSequence) return DatagramRefusal.range;
  return undefined;
}

/** True when the bytes between the fixed body and the code are activity items: whole, ascending, few enough. */
export function areItemsWellFormed(bytes: Uint8Array): boolean {
  const end = bytes.length - macBytes;
  let offset: number = layout.activityItems;
  let lastId = 0;
  for (let count = 0; offset < end; count++) {
    if (count === limits.maxActivityItems || offset + layout.activityItemHeaderBytes > end) return false;
    const id = readU16(bytes, offset);
    const valueBytes = readU16(bytes, offset + 2);
    // Ids start at 1 and ascend, so that there is one spelling and no duplicate.
    if (id <= lastId || !isActivityItemLength(id, valueBytes)) return false;
    lastId = id;
    offset += layout.activityItemHeaderBytes + valueBytes;
  }
  return offset === end;
}

/** Copies the items out of a datagram for which {@link areItemsWellFormed} is true. */
export function copyItems(bytes: Uint8Array): ActivityItem[] {
  const end = bytes.length - macBytes;
  const items: ActivityItem[] = [];
  for (let offset: number = layout.activityItems; offset < end; ) {
    const start = offset + layout.activityItemHeaderBytes;
    const next = start + readU16(bytes, offset + 2);
    items.push({ id: readU16(bytes, offset), value: Uint8Array.from(bytes.subarray(start, next)) });
    offset = next;
  }
  return items;
}
