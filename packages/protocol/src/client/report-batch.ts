import { limits } from '../limits.ts';
import type { CommandReport } from '../messages/command.ts';

/** Frame of the body around the reports. */
const FRAME_BYTES = 64;

/**
 * The longest first part of the reports that fits one call, by count and by size. At least one report, when there is any: a
 * single one is bounded below the limit of the body.
 */
export function planReportBatch(reports: readonly CommandReport[]): readonly CommandReport[] {
  let bytes = FRAME_BYTES;
  let count = 0;
  for (const report of reports.slice(0, limits.maxReportsPerCall)) {
    bytes += Buffer.byteLength(JSON.stringify(report), 'utf8') + 1;
    if (count > 0 && bytes > limits.maxReportsBodyBytes) break;
    count++;
  }
  return reports.slice(0, count);
}
