import { limits } from '../limits.ts';
import type { LogEntry } from '../messages/log.ts';

/** Frame of the body around the entries, with the name of the journal. */
const FRAME_BYTES = 128;

/**
 * The longest first part of the entries that fits one call, by count and by size as JSON. At least one entry, when there is
 * any: a single one is bounded below the limit of the body.
 */
export function planLogBatch(entries: readonly LogEntry[]): readonly LogEntry[] {
  let bytes = FRAME_BYTES;
  let count = 0;
  for (const entry of entries.slice(0, limits.maxLogEntriesPerCall)) {
    bytes += Buffer.byteLength(JSON.stringify(entry), 'utf8') + 1;
    if (count > 0 && bytes > limits.maxLogBodyBytes) break;
    count++;
  }
  return entries.slice(0, count);
}
