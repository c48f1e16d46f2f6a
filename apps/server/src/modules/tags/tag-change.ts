import { MAX_TAGGED_DEVICES, tagKeyOf } from '@holdfast/api';
import { countOf } from '../directory/index.ts';
import { TagError } from './tags.errors.ts';

/** Devices times tags that one change may concern, so that it takes seconds. */
const MAX_PAIRS = 400_000;

/** The first spelling of each name, in one form of writing. */
export function distinctNames(names: readonly string[]): string[] {
  const byKey = new Map<string, string>();
  for (const name of names) {
    const key = tagKeyOf(name);
    if (!byKey.has(key)) byKey.set(key, name.normalize('NFC'));
  }
  return [...byKey.values()];
}

/** @throws TagError TAG_CHANGE_CONTRADICTORY when a tag is to be put on and taken off */
export function assertNoContradiction(add: readonly string[], remove: readonly string[]): void {
  const removed = new Set(remove.map(tagKeyOf));
  const name = add.find((it) => removed.has(tagKeyOf(it)));
  if (name === undefined) return;
  throw new TagError('TAG_CHANGE_CONTRADICTORY', `The tag "${name}" is both put on and taken off.`, {
    remedy: 'Name it on one side only.',
  });
}

/** @throws TagError TAG_CHANGE_TOO_LARGE */
export function assertBoundedChange(deviceCount: number, tagCount: number): void {
  if (deviceCount <= MAX_TAGGED_DEVICES && deviceCount * tagCount <= MAX_PAIRS) return;
  const limit = Math.min(MAX_TAGGED_DEVICES, Math.floor(MAX_PAIRS / Math.max(1, tagCount)));
  throw new TagError(
    'TAG_CHANGE_TOO_LARGE',
    `With ${countOf(tagCount, 'tag')}, at most ${limit} devices can be changed at once.`,
    { facts: { limit }, remedy: 'Narrow the filter and change the devices in parts.' },
  );
}

export interface ShownTag {
  readonly name: string;
  /** How many of the devices have it now. */
  readonly deviceCount: number;
}

/** One sentence for each tag: on how many devices it is put, or from how many it is taken. */
export function describeTagChange(change: {
  readonly add: readonly ShownTag[];
  readonly remove: readonly ShownTag[];
  readonly newTags: readonly string[];
  readonly deviceCount: number;
}): string[] {
  const { add, remove, newTags, deviceCount } = change;
  const newNames = new Set(newTags);
  return [
    ...add.map(({ name, deviceCount: there }) => {
      const tag = newNames.has(name) ? `The new tag "${name}"` : `"${name}"`;
      const rest = there === 0 ? '' : `; ${there} ${there === 1 ? 'has' : 'have'} it already`;
      return `${tag} is put on ${countOf(deviceCount - there, 'device')}${rest}.`;
    }),
    ...remove.map(({ name, deviceCount: there }) => `"${name}" is taken off ${countOf(there, 'device')}.`),
  ];
}
