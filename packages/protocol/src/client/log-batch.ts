import { limits } from '../limits.ts';
import { countJsonValues } from '../messages/parse-message.ts';
import type { LogEntry } from '../messages/log.ts';

/** Frame of the body around the entries, with the name of the journal. */
const FRAME_BYTES = 128;
const FRAME_VALUES = 8;

/**
 * The longest first part of the entries that fits one call, by count, by size as JSON and by its number of values. At least one entry, when there is
 * any: a single one is bounded below the limit of the body.
 */
export function planLogBatch(entries: readonly LogEntry[]): readonly LogEntry[] {
  let bytes = FRAME_BYTES;
  let values = FRAME_VALUES;
  let count = 0;
  for (const entry of entries.slice(0, limits.maxLogEntriesPerCall)) {
    const text = JSON.stringify(entry);
    bytes += Buffer.byteLength(text, 'utf8') + 1;
    values += countJsonValues(text);
    if (count > 0 && (bytes > limits.maxLogBodyBytes || values > limits.maxJsonValues)) break;
    count++;
  }
  return entries.slice(0, count);
}
