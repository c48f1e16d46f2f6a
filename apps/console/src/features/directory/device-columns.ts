import type { DeviceSort } from './directory-search.ts';

/** Columns of the device list in their first order. The name is always shown. */
export const deviceColumns = [
  'status',
  'name',
  'system',
  'address',
  'group',
  'agent',
  'transport',
  'encryption',
  'registered',
  'tags',
] as const;
export type DeviceColumn = (typeof deviceColumns)[number];

export const ordinaryColumns: readonly DeviceColumn[] = [
  'name',
  'status',
  'system',
  'address',
  'group',
  'encryption',
];

/** What is shown until somebody chooses: once there are tags, they have the place of the address. */
export function firstColumns(hasTags: boolean): readonly DeviceColumn[] {
  if (!hasTags) return ordinaryColumns;
  return ordinaryColumns.map((column) => (column === 'address' ? 'tags' : column));
}

export const columnSorts: Readonly<Partial<Record<DeviceColumn, DeviceSort>>> = {
  name: 'name',
  status: 'last-seen',
  system: 'system',
  address: 'address',
  registered: 'registered',
};

/** What was remembered, made whole: unknown names dropped, doubles too, the name never missing. */
export function parseColumns(stored: unknown): readonly DeviceColumn[] {
  if (!Array.isArray(stored)) return ordinaryColumns;
  const known = stored.flatMap((name) => deviceColumns.find((column) => column === name) ?? []);
  const columns = [...new Set(known)];
  if (columns.length === 0) return ordinaryColumns;
  return columns.includes('name') ? columns : ['name', ...columns];
}

export function toggleColumn(
  columns: readonly DeviceColumn[],
  column: DeviceColumn,
): readonly DeviceColumn[] {
  if (column === 'name') return columns;
  return columns.includes(column) ? columns.filter((one) => one !== column) : [...columns, column];
}

/** Moves a column one place to the front or the back; at the end of the row nothing happens. */
export function shiftColumn(
  columns: readonly DeviceColumn[],
  column: DeviceColumn,
  direction: 'up' | 'down',
): readonly DeviceColumn[] {
  const from = columns.indexOf(column);
  const to = direction === 'up' ? from - 1 : from + 1;
  const other = columns[to];
  if (from === -1 || other === undefined) return columns;
  return columns.map((one, index) => (index === from ? other : index === to ? column : one));
}
