/**
 * One line of CSV (RFC 4180). Spreadsheets run a cell that begins like a formula, and device names come from devices:
 * such a cell gets an apostrophe in front, which spreadsheets take as "this is text".
 */
export function encodeCsvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(encodeCell).join(',')}\r\n`;
}

const FORMULA_START = /^[=+\-@\t\r|%]/;

function encodeCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // White space in front does not stop every spreadsheet.
  const text = FORMULA_START.test(value.trimStart()) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
