import {
  definitionOf,
  type DeviceFieldName,
  deviceFieldNames,
  type DeviceSort,
  type DeviceSummary,
  fieldOfSort,
  plainFields,
} from '@holdfast/api';
import { toAddressKey, toSortKey } from './sort-key.ts';

/** Fields that are put together from several columns, or stand in other tables. */
const composedFields = ['name', 'groupPath', 'presence', 'transport', 'tags'] as const;
/** Columns that never change. */
const lastingFields = ['productNumber', 'registeredAt'] as const;

/** Fields that are a column of their name. */
export type ColumnField = Exclude<DeviceFieldName, (typeof composedFields)[number]>;
/** Those of them that change, because the device reports something else or somebody sets them. */
export type ChangingField = Exclude<ColumnField, (typeof lastingFields)[number]>;

const isOneOf = <Word extends string>(words: readonly Word[], word: string): word is Word =>
  words.some((one) => one === word);
export const columnFields = deviceFieldNames.filter(
  (name): name is ColumnField => !isOneOf(composedFields, name),
);
export const changingFields = columnFields.filter(
  (name): name is ChangingField => !isOneOf(lastingFields, name),
);

/** The values of columns, as the contract has them. */
export type FieldValues<Name extends ColumnField> = Pick<DeviceSummary, Name>;

/** `serial_number` for `serialNumber`. */
export function columnOf(name: DeviceFieldName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The column that a field is sorted and filtered by. */
export function keyColumnOf(name: DeviceFieldName): string {
  const { sort } = definitionOf(name);
  return sort === 'text' || sort === 'address' ? `${columnOf(name)}_key` : columnOf(name);
}

/** What stands there for a value. */
export function toFieldKey(name: DeviceFieldName, value: string): string {
  const { sort } = definitionOf(name);
  if (sort === 'address') return toAddressKey(value);
  return sort === 'text' ? toSortKey(value) : value;
}

/** Orders of the list that have an index. */
export type IndexedSort = Exclude<DeviceSort, 'last-seen'>;

/** The columns of an order; the id stands behind them. Devices of one model, say, stand in the order of their names. */
export function orderColumnsOf(sort: IndexedSort): readonly string[] {
  const name = fieldOfSort(sort) ?? 'name';
  return isOneOf(plainFields, name) ? [keyColumnOf(name), 'name_key'] : [keyColumnOf(name)];
}

/** What a device is called and says of itself, and what people say of it. */
export interface DeviceRecordFields extends FieldValues<ChangingField> {
  readonly reportedName: string;
  readonly displayName: string | null;
  readonly architecture: string;
  readonly installationId: string | null;
}

/** The fields that are not what they were. */
export function listChanged(
  old: DeviceRecordFields,
  now: DeviceRecordFields,
): readonly (keyof DeviceRecordFields)[] {
  return (Object.keys(now) as (keyof DeviceRecordFields)[]).filter((name) => now[name] !== old[name]);
}
