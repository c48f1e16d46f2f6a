import { ComponentError } from '../component.errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { metadataLimits } from './metadata-limits.ts';

/** Readers of members that every part of metadata shares. Members that nobody asks for are left alone (specification 4). */

export function unreadable(what: string): ComponentError {
  return new ComponentError('METADATA_UNREADABLE', `The metadata are not as they must be: ${what}.`);
}

export function readObject(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  if (!isJsonObject(value)) throw unreadable(`"${name}" is no object`);
  return value;
}

/** The members of an object that is a table: bounded in number, names bounded in length. */
export function readTable(parent: JsonObject, name: string, maxEntries: number): [string, JsonObject][] {
  const entries = Object.entries(readObject(parent, name));
  if (entries.length > maxEntries) throw unreadable(`"${name}" has more than ${maxEntries} entries`);
  return entries.map(([key, value]) => {
    if (key === '' || key.length > metadataLimits.nameCharacters)
      throw unreadable(`"${name}" has a name of wrong length`);
    if (!isJsonObject(value)) throw unreadable(`an entry of "${name}" is no object`);
    return [key, value];
  });
}

export function readList(parent: JsonObject, name: string, maxItems: number): readonly JsonValue[] {
  const value = parent[name];
  if (!Array.isArray(value)) throw unreadable(`"${name}" is no list`);
  if (value.length > maxItems) throw unreadable(`"${name}" has more than ${maxItems} items`);
  return value as readonly JsonValue[];
}

export function readText(parent: JsonObject, name: string): string {
  const value = parent[name];
  if (typeof value !== 'string') throw unreadable(`"${name}" is no text`);
  if (value.length > metadataLimits.nameCharacters) throw unreadable(`"${name}" is too long`);
  return value;
}

/** Texts of which none stands twice. */
export function readNames(parent: JsonObject, name: string, maxItems: number): readonly string[] {
  const names = readList(parent, name, maxItems).map((item) => {
    if (typeof item !== 'string' || item === '' || item.length > metadataLimits.nameCharacters)
      throw unreadable(`an item of "${name}" is no name`);
    return item;
  });
  if (new Set(names).size !== names.length) throw unreadable(`"${name}" has an item twice`);
  return names;
}

export function readBoolean(parent: JsonObject, name: string): boolean {
  const value = parent[name];
  if (typeof value !== 'boolean') throw unreadable(`"${name}" is neither true nor false`);
  return value;
}

/** A number of at least `least`; what the parser lets through is a safe integer already. */
export function readInteger(parent: JsonObject, name: string, least: number): number {
  const value = parent[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw unreadable(`"${name}" is no integer from ${least} on`);
  return value;
}

/** The algorithms that are known, each with its length in hexadecimal digits. */
const HASHES = { sha256: 64, sha512: 128 } as const;

export type HashName = keyof typeof HASHES;
export const hashNames: readonly HashName[] = ['sha256', 'sha512'];

/** Lower-case hexadecimal. */
export type Hashes = { readonly [Name in HashName]?: string };

/** Hashes of a file, as far as their algorithm is known. When none is, nothing can be verified, and the file is not taken. */
export function readHashes(parent: JsonObject): Hashes {
  const object = readObject(parent, 'hashes');
  const hashes: { [Name in HashName]?: string } = {};
  for (const name of hashNames) {
    const value = object[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value.length !== HASHES[name] || !/^[0-9a-f]+$/.test(value))
      throw unreadable(`a hash is no ${name} in lower-case hexadecimal`);
    hashes[name] = value;
  }
  return hashes;
}

// The specification (4.2.3) knows this form only.
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;

/** Milliseconds since the Unix epoch. What is no date and time of the calendar is refused, so that nothing is "not expired" for being unreadable. */
export function readInstant(parent: JsonObject, name: string): number {
  const text = parent[name];
  if (typeof text !== 'string' || !INSTANT.test(text)) throw unreadable(`"${name}" is no instant`);
  const atMs = Date.parse(text);
  // February 30th is read as a day of March by some: only what formats back to itself is an instant.
  if (!Number.isFinite(atMs) || formatInstant(atMs) !== text) throw unreadable(`"${name}" is no instant`);
  return atMs;
}

export function formatInstant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
