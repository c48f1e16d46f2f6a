import { limits } from '../limits.ts';
import { countJsonValues } from '../messages/parse-message.ts';
import type { CommandReport } from '../messages/command.ts';

/** Frame of the body around the reports. */
const FRAME_BYTES = 64;
const FRAME_VALUES = 8;

/**
 * The longest first part of the reports that fits one call, by count, by size and by its number of values. At least one report, when there is any: a
 * single one is bounded below the limit of the body.
 */
export function planReportBatch(reports: readonly CommandReport[]): readonly CommandReport[] {
  let bytes = FRAME_BYTES;
  let values = FRAME_VALUES;
  let count = 0;
  for (const report of reports.slice(0, limits.maxReportsPerCall)) {
    const text = JSON.stringify(report);
    bytes += Buffer.byteLength(text, 'utf8') + 1;
    values += countJsonValues(text);
    if (count > 0 && (bytes > limits.maxReportsBodyBytes || values > limits.maxJsonValues)) break;
    count++;
  }
  return reports.slice(0, count);
}
