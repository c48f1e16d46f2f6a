import { type RawBuilder, sql } from 'kysely';
import {
  changingFields,
  type ColumnField,
  columnOf,
  type DeviceRecordFields,
  keyColumnOf,
  toFieldKey,
} from './device-columns.ts';
import { toSearchText, toSortKey } from './sort-key.ts';

/** Columns of `table`, each called as its field. */
export function selectFields(table: string, names: readonly ColumnField[]): RawBuilder<unknown> {
  return sql.join(names.map((name) => sql`${sql.ref(`${table}.${columnOf(name)}`)} as ${sql.ref(name)}`));
}

/** The columns of a device with these fields, those that are made from them included. */
export function toColumns(fields: DeviceRecordFields): RawBuilder<unknown> {
  const columns = {
    reported_name: fields.reportedName,
    display_name: fields.displayName,
    name_key: toSortKey(fields.displayName ?? fields.reportedName),
    architecture: fields.architecture,
    installation_id: fields.installationId,
    search_text: toSearchText(fields),
    ...Object.fromEntries(
      changingFields.flatMap((name) => {
        const value = fields[name];
        return [
          [columnOf(name), value],
          ...(typeof value === 'string' ? [[keyColumnOf(name), toFieldKey(name, value)]] : []),
        ];
      }),
    ),
  };
  return sql.join(Object.entries(columns).map(([column, value]) => sql`${sql.ref(column)} = ${value}`));
}
