import { toTerminalJson, toTerminalText } from '@holdfast/kernel';
import type { LogRecord } from '@holdfast/api';
import { tellApart } from './device-text.ts';

export type LogFormat = 'text' | 'json' | 'csv';

const columns = [
  'receivedAt',
  'at',
  'device',
  'productNumber',
  'severity',
  'type',
  'text',
  'facts',
  'source',
] as const;

/** What stands above the entries. */
export function formatLogHeading(format: LogFormat): string {
  return format === 'csv' ? `${columns.join(',')}\r\n` : '';
}

/**
 * One entry as one line. Names, texts and facts come from devices: whatever the format, nothing in them steers the terminal
 * or a spreadsheet.
 */
export function formatLogRecord(entry: LogRecord, format: LogFormat): string {
  switch (format) {
    case 'json':
      return `${toTerminalJson(JSON.stringify(entry))}\n`;
    case 'csv':
      return `${fieldsOf(entry).map(quoteField).join(',')}\r\n`;
    case 'text':
      return formatLine(entry);
  }
}

function formatLine(entry: LogRecord): string {
  const facts = entry.facts === null ? '' : `  ${JSON.stringify(entry.facts)}`;
  const line = `${entry.receivedAt}  ${entry.severity.padEnd(8)}  ${tellApart(entry.deviceName, entry.deviceDistinction)}  ${entry.type}  ${entry.text}${facts}`;
  return `${toTerminalText(line).trimEnd()}\n`;
}

function fieldsOf(entry: LogRecord): readonly string[] {
  return [
    entry.receivedAt,
    entry.at,
    entry.deviceName,
    String(entry.productNumber),
    entry.severity,
    entry.type,
    entry.text,
    entry.facts === null ? '' : JSON.stringify(entry.facts),
    entry.source,
  ];
}

/** A spreadsheet takes a field that begins with one of these for a formula. */
const FORMULA = /^[=+\-@]/;

function quoteField(value: string): string {
  const text = toTerminalText(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) || harmless !== text ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
