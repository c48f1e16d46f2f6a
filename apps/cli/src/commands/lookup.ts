import { type ApiClient, type DeviceSummary, type Group, listDevices, listGroups } from '@holdfast/api';
import { CliError } from '../cli.errors.ts';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A group as people write it: `Berlin/Sales`; the top group is `/`. */
export function formatGroupPath(path: readonly string[]): string {
  return path.length === 0 ? '/' : path.join('/');
}

/** Finds a group by id, by its path from the top (`Berlin/Sales`, `/`), or by a name that only one group has. */
export function pickGroup(groups: readonly Group[], text: string): Group {
  const found = groups.filter(
    (group) => group.id === text || formatGroupPath(group.path) === text.replace(/^\/(?=.)|\/$/g, ''),
  );
  const matches =
    found.length > 0
      ? found
      : text === '/'
        ? groups.filter((group) => group.parentId === null)
        : groups.filter((group) => group.name === text);
  return pickOne(matches, text, 'GROUP_UNKNOWN', 'group', (group) => formatGroupPath(group.path));
}

export async function findGroup(client: ApiClient, text: string): Promise<Group> {
  const { groups } = await client.call(listGroups, {});
  return pickGroup(groups, text);
}

/** Finds a device by id or by its exact name. */
export async function findDeviceId(client: ApiClient, text: string): Promise<string> {
  if (uuidPattern.test(text)) return text;
  const { devices } = await client.call(listDevices, { query: { search: text, limit: 100 } });
  const matches = devices.filter((device) => device.name.toLowerCase() === text.toLowerCase());
  return pickOne<DeviceSummary>(matches, text, 'DEVICE_UNKNOWN', 'device', (device) => device.id).id;
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
        remedy: 'Write its full path or its id.',
      },
    );
  }
  return first;
}
