import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import {
  definitionOf,
  InventoryFacts,
  isCountedDisk,
  type ReportedField,
  reportedFields,
} from '@holdfast/api';
import { isPrintableText, toOneLine } from '@holdfast/kernel';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** The parts of a schema that decide what is taken; the contract uses no others for facts. */
interface FactSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FactSchema>>;
  readonly required?: readonly string[];
  readonly items?: FactSchema;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

/** Takes of a value what keeps its schema; undefined when nothing does. */
type Picker = (value: unknown) => unknown;

/**
 * Takes from a report what this server knows, and nothing else. An agent is hostile until proven and may also be newer
 * than the server, so what is unknown is left out, what is too long is cut, and a part that is wrong is left out with
 * everything that needs it; the rest counts.
 */
export function pickFacts(received: unknown): InventoryFacts {
  const picked = pickAll(received);
  // The last word has the contract itself: whatever is stored can be shown.
  return contract.Check(picked) ? picked : {};
}

const contract = Compile(InventoryFacts);
const pickAll = createPicker(InventoryFacts as TSchema as FactSchema);

/** Each part is checked once, where it has no parts of its own, by a check that is made once. */
function createPicker(schema: FactSchema): Picker {
  if (schema.type === 'object') return createObjectPicker(schema);
  if (schema.type === 'array') return createArrayPicker(schema);
  const compiled = Compile(schema as TSchema);
  const keep: Picker = (value) => (compiled.Check(value) ? value : undefined);
  if (schema.type !== 'string') return keep;
  // The database refuses NUL altogether, and nothing else that cannot be seen has a place in a name.
  return (value) => (typeof value === 'string' ? keep(toOneLine(value, schema.maxLength)) : undefined);
}

function createObjectPicker({ properties = {}, required = [] }: FactSchema): Picker {
  const parts = Object.entries(properties).map(([name, part]) => ({
    name,
    pick: createPicker(part),
    isRequired: required.includes(name),
    maxItems: part.maxItems,
  }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const picked: Record<string, unknown> = {};
    for (const { name, pick, isRequired } of parts) {
      const taken = Object.hasOwn(value, name) ? pick(Reflect.get(value, name)) : undefined;
      if (taken !== undefined) picked[name] = taken;
      else if (isRequired) return undefined;
    }
    // A list that was cut here says so, as one does that was cut by its sender.
    for (const { name, maxItems = Number.POSITIVE_INFINITY } of parts) {
      const list: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      const omitted = `${name}Omitted`;
      if (!Array.isArray(list) || list.length <= maxItems || !Object.hasOwn(properties, omitted)) continue;
      picked[omitted] = Number(picked[omitted] ?? 0) + list.length - maxItems;
    }
    return picked;
  };
}

function createArrayPicker({ items, maxItems }: FactSchema): Picker {
  if (items === undefined) throw new TypeError('A list of facts has to say what is in it');
  const pick = createPicker(items);
  return (value) =>
    Array.isArray(value)
      ? value
          .slice(0, maxItems)
          .map((item) => pick(item))
          .filter((item) => item !== undefined)
      : undefined;
}

/** SHA-256 of facts in canonical form: members in the order of their names, whatever order they came in. */
export function digestFacts(facts: InventoryFacts): Buffer {
  return createHash('sha256').update(JSON.stringify(facts, sortMembers), 'utf8').digest();
}

function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The operating system in one line, e.g. `Debian GNU/Linux 12 (bookworm)`. */
export function describeSystem(facts: InventoryFacts): string | undefined {
  const { system } = facts;
  if (system === undefined) return undefined;
  const { name, version } = system;
  return version === undefined || name.includes(version) ? name : `${name} ${version}`;
}

/** What the inventory tells of the plain fields of its device; empty where it tells nothing. */
export function readReportedFields(facts: InventoryFacts): Readonly<Record<ReportedField, string>> {
  const entries = reportedFields.map((name) => [name, definitionOf(name).fact?.(facts)?.trim() ?? '']);
  return Object.fromEntries(entries) as Record<ReportedField, string>;
}

/** Whether every disk that counts is encrypted; null while that is not known. One that is not decides. */
export function areFixedDisksEncrypted(facts: InventoryFacts): boolean | null {
  const states = (facts.disks ?? []).filter(isCountedDisk).map((disk) => disk.encryption);
  if (states.some((state) => state === 'not-encrypted' || state === 'partly-encrypted')) return false;
  // Of disks that are not listed nothing is known.
  if ((facts.disksOmitted ?? 0) > 0) return null;
  return states.length > 0 && states.every((state) => state === 'encrypted') ? true : null;
}

/** That the computer got another name since the last inventory; undefined when it did not, or the name cannot be one. */
export function findRenaming(
  from: string | null | undefined,
  to: string | undefined,
): { readonly from: string; readonly to: string } | undefined {
  if (from === null || from === undefined || to === undefined || from === to) return undefined;
  // What cannot be shown was made visible when it came, and is in no name.
  return isPrintableText(to) && !to.includes('\uFFFD') ? { from, to } : undefined;
}

const UNROUTED = /^(127\.|0\.0\.0\.0$|169\.254\.|::1?$|fe80:)/i;

/** The first address under which others may reach the device. */
export function findOwnAddress(facts: InventoryFacts): string | undefined {
  const addresses = (facts.interfaces ?? []).flatMap((it) =>
    it.addresses.map((text) => text.split('/')[0] ?? ''),
  );
  // What is no address at all stays among the facts, where it harms nobody.
  const reachable = addresses.filter((address) => isIP(address) !== 0 && !UNROUTED.test(address));
  return reachable.find((address) => !address.includes(':')) ?? reachable[0];
}
