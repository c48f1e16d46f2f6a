import { limits } from '../limits.ts';
import { isActivityItemLength, type ActivityItem } from './activity-items.ts';
import { layout } from './layout.ts';
import { writeU16 } from './wire-integer.ts';

/** Bytes that the items take on the wire. */
export function sizeOfItems(items: readonly ActivityItem[]): number {
  let size = 0;
  for (const { value } of items) size += layout.activityItemHeaderBytes + value.length;
  return size;
}

/**
 * Writes the items after the fixed body.
 *
 * @throws RangeError when they are too many, not ascending, or of a wrong length
 */
export function encodeItems(bytes: Uint8Array, items: readonly ActivityItem[]): void {
  if (items.length > limits.maxActivityItems) {
    throw new RangeError(`"items" expected at most ${limits.maxActivityItems}, got ${items.length}`);
  }
  let offset: number = layout.activityItems;
  let lastId = 0;
  for (const { id, value } of items) {
    if (!(Number.isInteger(id) && id > lastId && id <= 0xffff)) {
      throw new RangeError(`"id" expected an integer from ${lastId + 1} to 65535, got ${id}`);
    }
    if (!isActivityItemLength(id, value.length)) {
      throw new RangeError(`"value" of item ${id} has a wrong length: ${value.length}`);
    }
    lastId = id;
    writeU16(bytes, offset, id);
    writeU16(bytes, offset + 2, value.length);
    bytes.set(value, offset + layout.activityItemHeaderBytes);
    offset += layout.activityItemHeaderBytes + value.length;
  }
}
