import {
  type ApiClient,
  type DeviceSummary,
  type Group,
  listDevices,
  listGroups,
  type ResponseOf,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { CliError } from '../cli.errors.ts';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A group as people write it: `Berlin/Sales`; the top group is `/`. */
export function formatGroupPath(path: readonly string[]): string {
  return path.length === 0 ? '/' : path.join('/');
}

/** Finds a group by id, by its path from the top (`Berlin/Sales`, `/`), or by a name that only one group has. */
export function pickGroup(groups: readonly Group[], text: string): Group {
  const path = foldName(text.replace(/^\/(?=.)|\/$/g, ''));
  const found = groups.filter((group) => group.id === text || foldName(formatGroupPath(group.path)) === path);
  const matches =
    found.length > 0
      ? found
      : text === '/'
        ? groups.filter((group) => group.parentId === null)
        : groups.filter((group) => foldName(group.name) === foldName(text));
  return pickOne(matches, text, 'GROUP_UNKNOWN', 'group', (group) => formatGroupPath(group.path));
}

/** `Berlin/Sales` as where it lies and how it is called. */
export function splitGroupPath(path: string): { readonly parentPath: string; readonly name: string } {
  const parts = path.split('/').filter((part) => part !== '');
  return {
    parentPath: parts.length > 1 ? parts.slice(0, -1).join('/') : '/',
    name: parts.at(-1) ?? '',
  };
}

/** The group in which another is to be created. @throws CliError GROUP_UNKNOWN with how to create it first */
export function pickParent(groups: readonly Group[], path: string): Group {
  try {
    return pickGroup(groups, path);
  } catch (error) {
    if (!(error instanceof CliError && error.code === 'GROUP_UNKNOWN')) throw error;
    throw new CliError('GROUP_UNKNOWN', `There is no group "${path}" to create a group in.`, {
      remedy: `Create it first: \`holdfast directory create-group ${quoted(path)}\`.`,
      cause: error,
    });
  }
}

function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

export async function findGroup(client: ApiClient, text: string): Promise<Group> {
  const { groups } = await client.call(listGroups, {});
  return pickGroup(groups, text);
}

const PAGE_LIMIT = 500;
const MAX_PAGES = 20;

/**
 * Finds a device by id or by its name. Capitals make no difference, unless two devices differ by them alone.
 *
 * @throws CliError DEVICE_UNKNOWN, NAME_AMBIGUOUS
 */
export async function findDeviceId(client: ApiClient, text: string): Promise<string> {
  if (uuidPattern.test(text)) return text;
  const matches: DeviceSummary[] = [];
  // The search also finds parts of names, addresses and systems: the device may stand on any page.
  let cursor: string | null = null;
  let pageCount = 0;
  do {
    if (pageCount === MAX_PAGES) {
      throw new CliError('NAME_AMBIGUOUS', `Too many devices have "${text}" in their name or system.`, {
        remedy: 'Write its id, from `holdfast directory devices`.',
      });
    }
    const page: ResponseOf<typeof listDevices> = await client.call(listDevices, {
      query: { search: text, limit: PAGE_LIMIT, ...(cursor === null ? {} : { cursor }) },
    });
    matches.push(...page.devices.filter((device) => foldName(device.name) === foldName(text)));
    cursor = page.nextCursor;
    pageCount += 1;
  } while (cursor !== null);
  const exact = matches.filter((device) => device.name === text);
  const label = (device: DeviceSummary): string => `${device.id} in ${formatGroupPath(device.groupPath)}`;
  return pickOne(exact.length === 1 ? exact : matches, text, 'DEVICE_UNKNOWN', 'device', label).id;
}

function pickOne<Item>(
  matches: readonly Item[],
  text: string,
  unknown: 'GROUP_UNKNOWN' | 'DEVICE_UNKNOWN',
  noun: string,
  label: (item: Item) => string,
): Item {
  const [first, ...others] = matches;
  if (first === undefined) {
    throw new CliError(unknown, `There is no ${noun} "${text}" that you may see.`, {
      remedy: `List them with \`holdfast directory ${noun}s\`.`,
    });
  }
  if (others.length > 0) {
    throw new CliError(
      'NAME_AMBIGUOUS',
      `"${text}" means more than one ${noun}: ${matches.slice(0, 5).map(label).join(', ')}.`,
      {
        remedy: noun === 'group' ? 'Write its full path or its id.' : 'Write its id.',
      },
    );
  }
  return first;
}
