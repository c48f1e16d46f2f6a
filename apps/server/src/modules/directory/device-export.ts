import { definitionOf, type DeviceCell, deviceFieldNames, type DeviceSummary } from '@holdfast/api';
import { encodeCsvLine } from './csv.ts';

export type ExportFormat = 'csv' | 'json';

export const exportMediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/jsonl; charset=utf-8',
};

const columns: readonly (readonly [string, (device: DeviceSummary) => DeviceCell])[] = [
  ['id', (device) => device.id],
  ...deviceFieldNames.flatMap((name) => {
    const { title, cells = { [title.toLowerCase()]: asItIs } } = definitionOf(name);
    return Object.entries(cells).map(
      ([heading, read]) =>
        // It stands in the table beside the schema of what it reads.
        [heading, (device: DeviceSummary) => (read as (value: unknown) => DeviceCell)(device[name])] as const,
    );
  }),
];

function asItIs(value: DeviceCell): DeviceCell {
  return value;
}

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
