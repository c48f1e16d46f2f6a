import type { DeviceSummary } from '@holdfast/api';
import { encodeCsvLine } from './csv.ts';

export type ExportFormat = 'csv' | 'json';

export const exportMediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/jsonl; charset=utf-8',
};

type Cell = string | number | boolean | null;

const columns: readonly (readonly [string, (device: DeviceSummary) => Cell])[] = [
  ['id', (device) => device.id],
  ['name', (device) => device.name],
  ['group', (device) => device.groupPath.join(' / ')],
  ['status', (device) => device.presence.status],
  ['reason', (device) => device.presence.reason],
  ['last seen', (device) => device.presence.lastSeenAt],
  ['platform', (device) => device.platform],
  ['system', (device) => device.system],
  ['address', (device) => device.address],
  ['encrypted', (device) => device.isEncrypted],
  ['agent version', (device) => device.agentVersion],
  ['product number', (device) => device.productNumber],
  ['transport', (device) => device.transport],
  ['registered', (device) => device.registeredAt],
  // No name of a tag holds a comma.
  ['tags', (device) => device.tags.join(', ')],
];

// Spreadsheets take a file without it for one of the system's old character set.
const BYTE_ORDER_MARK = '\u{feff}';

/** The text of an export, page by page: nothing grows with the number of devices. */
export async function* encodeExport(
  format: ExportFormat,
  pages: AsyncIterable<readonly DeviceSummary[]>,
): AsyncGenerator<string> {
  if (format === 'csv') yield BYTE_ORDER_MARK + encodeCsvLine(columns.map(([title]) => title));
  for await (const devices of pages) {
    yield format === 'csv'
      ? devices.map((device) => encodeCsvLine(columns.map(([, read]) => read(device)))).join('')
      : devices.map((device) => `${JSON.stringify(device)}\n`).join('');
  }
}
