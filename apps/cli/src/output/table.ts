import { toTerminalText } from '@holdfast/kernel';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly alignment?: 'left' | 'right';
}

/** Lays rows out in aligned columns; each line ends with a newline. No rows give the headings alone. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => toTerminalText(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const lines = [columns.map((column) => column.title.toUpperCase()), ...cells];
  return lines
    .map((line) =>
      line
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          return columns[index]?.alignment === 'right' ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** `name: value` lines with aligned values; absent values are left out. */
export function formatFacts(facts: readonly (readonly [name: string, value: string | undefined])[]): string {
  const present = facts.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[toTerminalText(name), toTerminalText(value)] as const],
  );
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
