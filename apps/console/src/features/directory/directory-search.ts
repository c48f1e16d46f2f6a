import {
  type DeviceEncryption,
  deviceEncryptionStates,
  deviceFields,
  type DeviceFilter,
  type DeviceSort,
  deviceSorts,
  type FilteredField,
  filteredFields,
  isTagName,
  MAX_FIELD_CHARACTERS,
  MAX_FILTERED_TAGS,
  type PlainField,
  plainFields,
  type Platform,
  platforms,
  type PresenceStatus,
  presenceStatuses,
  tagKeyOf,
} from '@holdfast/api';

/** Plain fields that have a filter. It stands in the address by the word of its field; an empty one means none. */
export type PlainFilter = PlainField & FilteredField;
export const plainFilters = plainFields.filter((name): name is PlainFilter =>
  filteredFields.some((one) => one === name),
);
type PlainSearch = { readonly [Name in PlainFilter as (typeof deviceFields)[Name]['word']]?: string };

/** What the address says about the device list. Absent parts are the ordinary ones. */
export interface DirectorySearch extends PlainSearch {
  readonly group?: string;
  /** `no` leaves out the devices of subgroups. */
  readonly below?: 'no';
  readonly search?: string;
  readonly status?: PresenceStatus;
  readonly platform?: Platform;
  readonly encryption?: DeviceEncryption;
  /** Version of the agent. */
  readonly agent?: string;
  /** Names of tags that devices have, all of them, with commas between. */
  readonly tag?: string;
  /** Names of tags that devices do not have. */
  readonly withoutTag?: string;
  readonly sort?: DeviceSort;
  readonly order?: 'descending';
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Takes what is well formed out of the address and drops the rest: a mistyped filter is none. */
export function parseDirectorySearch(search: Record<string, unknown>): DirectorySearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === 'string' && value.trim() !== '' ? value : undefined;
  };
  const group = text('group');
  const words = text('search');
  const status = presenceStatuses.find((value) => value === search['status']);
  const platform = platforms.find((value) => value === search['platform']);
  const encryption = deviceEncryptionStates.find((value) => value === search['encryption']);
  const agent = text('agent');
  const tag = joinTags(splitTags(text('tag')));
  const withoutTag = joinTags(splitTags(text('withoutTag')));
  const sort = deviceSorts.find((value) => value === search['sort']);
  return {
    ...(group !== undefined && uuid.test(group) ? { group } : {}),
    ...(search['below'] === 'no' ? { below: 'no' } : {}),
    ...(words === undefined ? {} : { search: words.slice(0, 200) }),
    ...(status === undefined ? {} : { status }),
    ...(platform === undefined ? {} : { platform }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(agent === undefined ? {} : { agent: agent.slice(0, 64) }),
    ...Object.fromEntries(
      plainFilters.flatMap((name) => {
        const value = search[deviceFields[name].word];
        return typeof value === 'string'
          ? [[deviceFields[name].word, value.trim().slice(0, MAX_FIELD_CHARACTERS)]]
          : [];
      }),
    ),
    ...(tag === undefined ? {} : { tag }),
    ...(withoutTag === undefined ? {} : { withoutTag }),
    ...(sort === undefined || sort === 'name' ? {} : { sort }),
    ...(search['order'] === 'descending' ? { order: 'descending' } : {}),
  };
}

export function toDeviceFilter(search: DirectorySearch): DeviceFilter {
  return {
    ...(search.group === undefined ? {} : { groupId: search.group }),
    ...(search.below === 'no' ? { withSubgroups: false } : {}),
    ...(search.search === undefined ? {} : { search: search.search }),
    ...(search.status === undefined ? {} : { status: search.status }),
    ...(search.platform === undefined ? {} : { platform: search.platform }),
    ...(search.encryption === undefined ? {} : { encryption: search.encryption }),
    ...(search.agent === undefined ? {} : { agentVersion: search.agent }),
    ...Object.fromEntries(
      plainFilters.flatMap((name) => {
        const value = search[deviceFields[name].word];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(search.tag === undefined ? {} : { tag: splitTags(search.tag) }),
    ...(search.withoutTag === undefined ? {} : { withoutTag: splitTags(search.withoutTag) }),
  };
}

/** The names of tags in a part of the address, each once; what is none is dropped. */
export function splitTags(text: string | undefined): string[] {
  const byKey = new Map((text ?? '').split(',').map((name) => [tagKeyOf(name), name]));
  return [...byKey.values()].filter(isTagName).slice(0, MAX_FILTERED_TAGS);
}

/** The names as a part of the address; absent when there are none. */
export function joinTags(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(',');
}

/** Whether anything but the group narrows the list. */
export function isNarrowed(search: DirectorySearch): boolean {
  return filterNames.some((name) => search[name] !== undefined);
}

/** The same place without its filters. */
export function withoutFilters(search: DirectorySearch): DirectorySearch {
  return Object.fromEntries(
    Object.entries(search).filter(([name]) => !filterNames.some((filter) => filter === name)),
  );
}

const filterNames: readonly (keyof DirectorySearch)[] = [
  'search',
  'status',
  'platform',
  'encryption',
  'agent',
  'tag',
  'withoutTag',
  ...plainFilters.map((name) => deviceFields[name].word),
];

/** A click on a column: ascending first, then descending; recent things first where that is what one looks for. */
export function nextSort(search: DirectorySearch, by: DeviceSort): DirectorySearch {
  const { sort: _sort, order, ...rest } = search;
  const isSame = (search.sort ?? 'name') === by;
  const isDescending = isSame ? order !== 'descending' : by === 'last-seen' || by === 'registered';
  return {
    ...rest,
    ...(by === 'name' ? {} : { sort: by }),
    ...(isDescending ? { order: 'descending' } : {}),
  };
}
