import {
  deviceFieldNames,
  deviceFields,
  type DeviceFieldWord,
  type DeviceSort,
  deviceSorts,
} from '@holdfast/api';

export type DeviceColumn = DeviceFieldWord;
/** Columns of the device list, all that there are. The name is always shown. */
export const deviceColumns: readonly DeviceColumn[] = deviceFieldNames.map((name) => deviceFields[name].word);

export const ordinaryColumns: readonly DeviceColumn[] = [
  'name',
  'status',
  'system',
  'address',
  'group',
  'encryption',
];

/**
 * What is shown until somebody chooses: once there are tags, they have the place of the address, and where there is room, model
 * and owner stand behind.
 */
export function firstColumns(hasTags: boolean, isRoomy: boolean): readonly DeviceColumn[] {
  const columns: readonly DeviceColumn[] = ordinaryColumns.map((column) =>
    hasTags && column === 'address' ? 'tags' : column,
  );
  return isRoomy ? [...columns, 'model', 'owner'] : columns;
}

/** What a click on the head of a column sorts by. */
export function sortOfColumn(column: DeviceColumn): DeviceSort | undefined {
  return column === 'status' ? 'last-seen' : deviceSorts.find((sort) => sort === column);
}

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
