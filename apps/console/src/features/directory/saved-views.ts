import {
  type ApiClient,
  ApiError,
  createSavedView,
  deviceFields,
  type DeviceFilter,
  type SavedView,
  type ViewContent,
} from '@holdfast/api';
import { type DeviceColumn, parseColumns } from './device-columns.ts';
import {
  type DirectorySearch,
  joinTags,
  parseDirectorySearch,
  plainFilters,
  toDeviceFilter,
} from './directory-search.ts';

/** What a view shows, as this console understands it: what is not known of it is left out. */
export function readView({ content }: Pick<SavedView, 'content'>): {
  readonly search: DirectorySearch;
  readonly columns: readonly DeviceColumn[];
} {
  const { filter, sort, order, columns } = content;
  return {
    search: parseDirectorySearch({ ...readFilter(filter), sort, order }),
    columns: parseColumns(columns),
  };
}

export function toViewContent(search: DirectorySearch, columns: readonly DeviceColumn[]): ViewContent {
  return {
    filter: toDeviceFilter(search),
    ...(search.sort === undefined ? {} : { sort: search.sort }),
    ...(search.order === undefined ? {} : { order: search.order }),
    columns: [...columns],
  };
}

/** The view that shows just this, one's own before those of others. */
export function findOpenView(
  views: readonly SavedView[],
  search: DirectorySearch,
  columns: readonly DeviceColumn[],
): SavedView | undefined {
  const fitting = views.filter((view) => {
    const shown = readView(view);
    return isSame(shown.search, search) && shown.columns.join() === columns.join();
  });
  return fitting.find(({ isOwn }) => isOwn) ?? fitting[0];
}

/** Views as an earlier release kept them, made whole; what is none is dropped. @param stored JSON */
export function parseFormerViews(stored: string): readonly {
  readonly name: string;
  readonly search: DirectorySearch;
  readonly columns: readonly DeviceColumn[];
}[] {
  let views: unknown;
  try {
    views = JSON.parse(stored);
  } catch {
    return [];
  }
  if (!Array.isArray(views)) return [];
  return views.flatMap((item: unknown) => {
    if (!isRecord(item) || typeof item['name'] !== 'string' || !isRecord(item['search'])) return [];
    const name = item['name'].trim().slice(0, 128);
    if (name === '') return [];
    return [{ name, search: parseDirectorySearch(item['search']), columns: parseColumns(item['columns']) }];
  });
}

/**
 * Views that an earlier release kept in the browser become views of the server, and are forgotten here when all of them are
 * there or can never be. Rejects while the server does not answer or wants to be asked later.
 */
export async function adoptViews(
  api: Pick<ApiClient, 'call'>,
  storage: Pick<Storage, 'getItem' | 'removeItem'>,
  key: string,
): Promise<void> {
  const stored = storage.getItem(key);
  if (stored === null) return;
  for (const { name, search, columns } of parseFormerViews(stored)) {
    try {
      await api.call(createSavedView, { body: { name, content: toViewContent(search, columns) } });
    } catch (error) {
      // There is one of this name, or no such group any more.
      if (!(error instanceof ApiError) || ![404, 409, 422].includes(error.status)) throw error;
    }
  }
  storage.removeItem(key);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readFilter(filter: DeviceFilter): Record<string, unknown> {
  const { groupId, withSubgroups, agentVersion, tag = [], withoutTag = [], ...others } = filter;
  return {
    ...others,
    ...Object.fromEntries(plainFilters.map((name) => [deviceFields[name].word, filter[name]])),
    group: groupId,
    below: withSubgroups === false ? 'no' : undefined,
    agent: agentVersion,
    tag: joinTags(tag),
    withoutTag: joinTags(withoutTag),
  };
}

function isSame(first: DirectorySearch, second: DirectorySearch): boolean {
  return JSON.stringify(partsOf(first)) === JSON.stringify(partsOf(second));
}

function partsOf(search: DirectorySearch): readonly [string, unknown][] {
  return Object.entries(search).toSorted(([first], [second]) => first.localeCompare(second));
}
