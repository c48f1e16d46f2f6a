import { printableTextPattern } from '@holdfast/kernel';
import { type TOptional, type TSchema, Type } from 'typebox';
import type { InventoryFacts } from './inventory.ts';
import { Presence, transports } from './presence.ts';
import { Instant, oneOf, ProductNumber } from './scalars.ts';

export const platforms = ['linux', 'windows', 'macos', 'android', 'other'] as const;
export type Platform = (typeof platforms)[number];

/** What one cell of a list holds. */
export type DeviceCell = string | number | boolean | null;

/** What there is to know of a field to read it, store it, list it, sort and filter by it, search in it, export it and set it. */
export interface DeviceFieldDefinition {
  /** How the contract has it. */
  readonly schema: TSchema;
  /** What the console, the command line and the sorting call it. */
  readonly word: string;
  /** For people: heads its column. */
  readonly title: string;
  /** How devices are sorted by it: by folded text, as addresses, as instants. Absent: they are not. */
  readonly sort?: 'text' | 'address' | 'instant';
  /** The values that its filter takes, which finds the devices that have just this one. Absent: there is no filter of its own. */
  readonly filter?: TSchema;
  /** The search looks into it. */
  readonly isSearched?: true;
  /** Few devices have a value of their own, so that people choose one from a menu. */
  readonly hasChoices?: true;
  /** How an export names and writes it, where that is not by its title and as it is. */
  readonly cells?: Readonly<Record<string, (value: never) => DeviceCell>>;
  /** Reads it from what the inventory tells; undefined where it is not told. */
  readonly fact?: (facts: InventoryFacts) => string | undefined;
  /** Administrators set it, with `directory:edit`; the device does not report it. */
  readonly isSet?: true;
}

/** Characters of a text that is a fact, as the inventory bounds it, or that people set. */
export const MAX_FIELD_CHARACTERS = 200;

const SetText = Type.String({ maxLength: MAX_FIELD_CHARACTERS, pattern: `^$|${printableTextPattern}` });
const AgentVersion = Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000]+$' });

/** What plain fields have in common. */
const plainText = {
  schema: Type.String(),
  sort: 'text',
  filter: Type.String({ maxLength: MAX_FIELD_CHARACTERS, pattern: '^[^\\u0000]*$' }),
  isSearched: true,
} as const;

/**
 * The fields of a device in the order of its lists. A plain one, with `fact` or `isSet`, needs a column of its name in the
 * database and is known to all by standing here; empty means that there is none, or that it is not known.
 */
export const deviceFields = {
  name: { schema: Type.String(), word: 'name', title: 'Name', sort: 'text' },
  groupPath: {
    schema: Type.Array(Type.String()),
    word: 'group',
    title: 'Group',
    cells: { group: (path: readonly string[]) => path.join(' / ') },
  },
  presence: {
    schema: Presence,
    word: 'status',
    title: 'Status',
    cells: {
      status: (presence: Presence) => presence.status,
      reason: (presence: Presence) => presence.reason,
      'last seen': (presence: Presence) => presence.lastSeenAt,
    },
  },
  platform: { schema: oneOf(platforms), word: 'platform', title: 'Platform', filter: oneOf(platforms) },
  /** E.g. `Debian GNU/Linux 12 (bookworm)`; empty until the first inventory. */
  system: { schema: Type.String(), word: 'system', title: 'System', sort: 'text' },
  /** Address from which the last sign of life came, or the first of the inventory. */
  address: { schema: Type.String(), word: 'address', title: 'Address', sort: 'address' },
  /** Whether every fixed disk is encrypted; null while unknown. */
  isEncrypted: {
    schema: Type.Union([Type.Boolean(), Type.Null()]),
    word: 'encryption',
    title: 'Encryption',
    cells: { encrypted: (isEncrypted: boolean | null) => isEncrypted },
  },
  /** Filtered exactly as the agent reports it. */
  agentVersion: { schema: Type.String(), word: 'agent', title: 'Agent version', filter: AgentVersion },
  productNumber: { schema: ProductNumber, word: 'product-number', title: 'Product number' },
  transport: {
    schema: oneOf(transports),
    word: 'transport',
    title: 'Heartbeat',
    cells: { transport: (transport: string) => transport },
  },
  registeredAt: { schema: Instant, word: 'registered', title: 'Registered', sort: 'instant' },
  /** Names, in their order. No name of a tag holds a comma. */
  tags: {
    schema: Type.Array(Type.String()),
    word: 'tags',
    title: 'Tags',
    cells: { tags: (names: readonly string[]) => names.join(', ') },
  },
  serialNumber: {
    ...plainText,
    word: 'serial-number',
    title: 'Serial number',
    fact: (facts: InventoryFacts) => facts.hardware?.serialNumber,
  },
  manufacturer: {
    ...plainText,
    word: 'manufacturer',
    title: 'Manufacturer',
    hasChoices: true,
    fact: (facts: InventoryFacts) => facts.hardware?.manufacturer,
  },
  model: {
    ...plainText,
    word: 'model',
    title: 'Model',
    hasChoices: true,
    fact: (facts: InventoryFacts) => facts.hardware?.model,
  },
  /** The number that the organisation gave to the device. */
  assetTag: { ...plainText, word: 'asset-tag', title: 'Asset tag', isSet: true },
  /** The name or the mail address of the person whose device it is. */
  owner: { ...plainText, word: 'owner', title: 'Owner', hasChoices: true, isSet: true },
} as const satisfies Readonly<Record<string, DeviceFieldDefinition>>;

type Fields = typeof deviceFields;
export type DeviceFieldName = keyof Fields;
type NamesWith<Part> = {
  [Name in DeviceFieldName]: Fields[Name] extends Part ? Name : never;
}[DeviceFieldName];

/** Fields that are one text each and the same to everybody: they differ in nothing but what stands in the table. */
export type PlainField = ReportedField | SetField;
/** Plain fields that the inventory tells. */
export type ReportedField = NamesWith<{ readonly fact: unknown }>;
/** Plain fields that people set. */
export type SetField = NamesWith<{ readonly isSet: true }>;
/** Fields by which devices are filtered, each by just one of its values. */
export type FilteredField = NamesWith<{ readonly filter: TSchema }>;
export type SortedField = NamesWith<{ readonly sort: string }>;

/** What lists call a field. */
export type DeviceFieldWord = Fields[DeviceFieldName]['word'];

export const deviceFieldNames = Object.keys(deviceFields) as readonly DeviceFieldName[];

/** What the table says of a field. */
export function definitionOf(name: DeviceFieldName): DeviceFieldDefinition {
  return deviceFields[name];
}

/** The field of a word. @throws TypeError when there is none */
export function fieldOfWord(word: DeviceFieldWord): DeviceFieldName {
  const name = deviceFieldNames.find((one) => deviceFields[one].word === word);
  if (name === undefined) throw new TypeError(`No field of a device is called ${word}`);
  return name;
}

function namesWith<Name extends DeviceFieldName>(part: keyof DeviceFieldDefinition): readonly Name[] {
  // The types above ask for the same parts.
  return deviceFieldNames.filter((name): name is Name => part in deviceFields[name]);
}

export const reportedFields = namesWith<ReportedField>('fact');
export const setFields = namesWith<SetField>('isSet');
export const plainFields: readonly PlainField[] = [...reportedFields, ...setFields];
/** A device of which no plain field is known. */
export const unknownFields = Object.fromEntries(plainFields.map((name) => [name, ''])) as Readonly<
  Record<PlainField, ''>
>;
export const filteredFields = namesWith<FilteredField>('filter');
export const sortedFields = namesWith<SortedField>('sort');

/** Orders of the device list, by the words of their fields. */
export type DeviceSort = Fields[SortedField]['word'] | 'last-seen';
export const deviceSorts: readonly DeviceSort[] = [
  ...sortedFields.map((name) => deviceFields[name].word),
  'last-seen',
];

/** The field that an order goes by; undefined for the last sign of life, which is no field. */
export function fieldOfSort(sort: DeviceSort): SortedField | undefined {
  return sortedFields.find((name) => deviceFields[name].word === sort);
}

type SchemasOf<Names extends DeviceFieldName, Part extends 'schema' | 'filter'> = {
  -readonly [Name in Names]: Fields[Name] extends { readonly [Key in Part]: infer Schema extends TSchema }
    ? Schema
    : never;
};

function schemasOf<Name extends DeviceFieldName, Part extends 'schema' | 'filter'>(
  names: readonly Name[],
  part: Part,
): SchemasOf<Name, Part> {
  return Object.fromEntries(names.map((name) => [name, definitionOf(name)[part]])) as SchemasOf<Name, Part>;
}

/** What each field is in the contract. */
export const fieldSchemas = schemasOf(deviceFieldNames, 'schema');
/** What people set; an empty text takes it away. */
export const setSchemas = Object.fromEntries(
  setFields.map((name) => [name, Type.Optional(SetText)]),
) as Readonly<Record<SetField, TOptional<typeof SetText>>>;
/** What each filter of a field takes. */
export const filterSchemas = Type.Partial(Type.Object(schemasOf(filteredFields, 'filter'))).properties;
