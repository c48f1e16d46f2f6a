import { isIPv4, isIPv6 } from 'node:net';
import { definitionOf, type PlainField, plainFields } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';

/** An entry of an index has room for two such keys, of three bytes a character, and little more. */
const MAX_KEY_CHARACTERS = 400;

/**
 * The form in which names are compared, sorted and searched: the same on every server and in every language, so that
 * an order that was read yesterday goes on today.
 */
export function toSortKey(text: string): string {
  return foldName(text).trim().slice(0, MAX_KEY_CHARACTERS);
}

/** Addresses sort by number, IPv4 before IPv6; anything else by its text, behind both. */
export function toAddressKey(address: string): string {
  if (address === '') return '';
  if (isIPv4(address)) {
    return `4${address
      .split('.')
      .map((octet) => Number(octet).toString(16).padStart(2, '0'))
      .join('')}`;
  }
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return `9${toSortKey(address)}`;
  // The URL parser writes every IPv6 address in one form: without an embedded IPv4, zeros compressed once.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `6${[...before, ...zeros, ...after].map((part) => part.padStart(4, '0')).join('')}`;
}

/** An IPv4 address that came through an IPv6 socket is an IPv4 address. */
export function toPlainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : address;
}

export interface SearchedFields extends Readonly<Partial<Record<PlainField, string>>> {
  readonly reportedName: string;
  readonly displayName: string | null;
  readonly address: string;
  readonly system: string;
}

/** What the search looks into. The parts stand on lines of their own, and no search crosses a line. */
export function toSearchText(fields: SearchedFields): string {
  const others = plainFields
    .filter((name) => definitionOf(name).isSearched)
    .map((name) => fields[name] ?? '');
  return [
    fields.displayName ?? '',
    fields.reportedName,
    fields.address,
    fields.system,
    ...others.filter((field) => field !== ''),
  ]
    .map((field) => toSortKey(field).replaceAll(/\s+/g, ' '))
    .join('\n');
}

const MAX_SEARCH_WORDS = 8;
const TAG_WORD = /^tag:(.*)$/s;

/** What a search asks for, all of it at once. */
export interface SplitSearch {
  /** Patterns of LIKE; each must be found somewhere. */
  readonly patterns: string[];
  /** Beginnings of names of tags, in the form in which tags are compared; a device has a tag for each. */
  readonly tags: string[];
}

export function splitSearch(search: string): SplitSearch {
  const words = toSortKey(search.replaceAll('\0', ' '))
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MAX_SEARCH_WORDS);
  const tags = words.flatMap((word) => TAG_WORD.exec(word)?.[1] ?? []);
  return {
    patterns: words.filter((word) => !TAG_WORD.test(word)).map((word) => `%${escapeLike(word)}%`),
    // Whoever has typed no more than `tag:` is about to name one.
    tags: tags.filter((beginning) => beginning !== ''),
  };
}

/** A text as the part of a pattern of LIKE that means just this text. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}
