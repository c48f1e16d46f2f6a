import {
  definitionOf,
  type DeviceFilter,
  type DeviceSort,
  type DeviceSummary,
  fieldOfSort,
  filteredFields,
  type Permission,
  tagKeyOf,
} from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import { type Actor, placesOf, requirePermission } from '../../platform/access/actor.ts';
import type { Database } from '../../platform/database/index.ts';
import { type Cursor, type CursorField, defineCursor } from '../../platform/http/cursor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { PresenceModule } from '../presence/index.ts';
import { type ColumnField, columnFields, type FieldValues, orderColumnsOf } from './device-columns.ts';
import {
  countDevices,
  type DevicePlaceInOrder,
  type DeviceRow,
  type DeviceSelection,
  estimateDevices,
  isLimited,
  listDevicePage,
  listDevicesOfProducts,
  listSelectedProducts,
  MAX_EXACT_COUNT,
} from './device-list.store.ts';
import { findTagIds, listTagNames, listTagsBeginningWith } from './device-tags.store.ts';
import {
  listSystemSigns,
  listTwins,
  MAX_TWINS,
  type SystemSigns,
  type TwinRow,
} from './device-twins.store.ts';
import { listKeyCopies, MAX_KEY_COPIES } from './key-copies.store.ts';
import { requireGroup } from './directory-change.ts';
import { createTagNotFound } from './directory.errors.ts';
import { TOP_GROUP_ID } from './group-tree.ts';
import { findGroup, listGroupIds } from './groups.store.ts';
import { splitSearch } from './sort-key.ts';
import { findContradiction, type SystemRecord } from './twin-contradiction.ts';

/** The filter of the contract; a part that is absent limits nothing. */
export type DeviceFilterInput = { readonly [Name in keyof DeviceFilter]?: DeviceFilter[Name] | undefined };

type DeviceOrder = 'ascending' | 'descending';

/** The keys by which the last row is sorted, and what makes it unique. */
function cursorOf(sort: DeviceSort, order: DeviceOrder): Cursor<(string | number)[]> {
  const field = fieldOfSort(sort);
  const kind = field !== undefined && definitionOf(field).sort !== 'instant' ? 'text' : 'instant';
  const fields: readonly CursorField[] =
    sort === 'last-seen' ? ['instant', 'number'] : [...orderColumnsOf(sort).map(() => kind), 'uuid'];
  return defineCursor(`devices by ${sort}, ${order}`, ...fields);
}

export interface DeviceListQuery extends DeviceFilterInput {
  readonly sort?: DeviceSort | undefined;
  readonly order?: DeviceOrder | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export interface DeviceCount {
  readonly value: number;
  readonly isExact: boolean;
}

export interface DevicePage {
  readonly devices: DeviceSummary[];
  readonly nextCursor: string | null;
  readonly count: DeviceCount;
}

export type PresenceReader = Pick<PresenceModule, 'currentPresence' | 'listByLastSeen' | 'saveStatuses'>;

const DEFAULT_LIMIT = 100;
/** Product numbers of a selection that are read at once, to be sorted in memory. */
const MAX_NUMBERS_AT_ONCE = 200_000;
/** A computer that used the key of a device is shown for so long after it last tried. */
const SHOWN_COPY_MS = 30 * 86_400_000;
const FIRST_CHUNK = 1_000;
const CHUNK_GROWTH = 4;

export interface DeviceListParts {
  readonly platform: Pick<Platform, 'database' | 'clock'>;
  readonly presence: PresenceReader;
}

/** Lists devices: what the database knows in order, and what only memory knows about each. */
export class DeviceListService {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #presence: PresenceReader;

  constructor({ platform, presence }: DeviceListParts) {
    this.#db = platform.database;
    this.#clock = platform.clock;
    this.#presence = presence;
  }

  async listDevices(actor: Actor, query: DeviceListQuery): Promise<DevicePage> {
    requirePermission(actor, 'directory:read');
    const sort = query.sort ?? 'name';
    const order = query.order ?? 'ascending';
    const limit = query.limit ?? DEFAULT_LIMIT;
    const cursor = cursorOf(sort, order);
    const place = query.cursor === undefined ? undefined : cursor.decode(query.cursor);
    const selection = await this.resolve(actor, query);
    const count = await this.#count(selection);
    if (count.value === 0) return { devices: [], nextCursor: null, count };
    if (sort === 'last-seen') {
      const [lastSeenAtMs, productNumber] = place?.map(Number) ?? [];
      const after =
        lastSeenAtMs === undefined || productNumber === undefined
          ? undefined
          : { lastSeenAtMs, productNumber };
      return await this.#listByLastSeen(actor, selection, { order, limit, after }, count);
    }
    const rows = await listDevicePage(this.#db, selection, {
      sort,
      order,
      after: place && { keys: place.slice(0, -1), id: String(place.at(-1)) },
      limit: limit + 1,
      isSmall: count.isExact,
    });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      devices: await this.toSummaries(actor, page),
      nextCursor: last === undefined ? null : cursor.encode(...last.keys, last.id),
      count,
    };
  }

  /** Every device of a filter, page by page, by name. What changes meanwhile may be in it or not, but never twice. */
  async *streamDevices(actor: Actor, filter: DeviceFilterInput): AsyncGenerator<DeviceSummary[]> {
    requirePermission(actor, 'directory:read');
    const selection = await this.resolve(actor, filter);
    let after: DevicePlaceInOrder | undefined;
    for (;;) {
      const rows = await listDevicePage(this.#db, selection, {
        sort: 'name',
        order: 'ascending',
        after,
        limit: 1_000,
        isSmall: false,
      });
      const last = rows.at(-1);
      if (last === undefined) return;
      yield await this.toSummaries(actor, rows);
      after = last;
    }
  }

  /**
   * What a filter means for this caller: the devices that it sees, and of those the ones to which it may do `for`.
   *
   * @throws AccessError PERMISSION_DENIED when it may do so nowhere in the group of the filter; DirectoryError GROUP_NOT_FOUND,
   *   TAG_NOT_FOUND
   */
  async resolve(
    actor: Actor,
    filter: DeviceFilterInput,
    options: { readonly db?: Database; readonly for?: Permission } = {},
  ): Promise<DeviceSelection> {
    const { db = this.#db, for: permission = 'directory:read' } = options;
    if (filter.status !== undefined) await this.#presence.saveStatuses();
    const search = splitSearch(filter.search ?? '');
    return {
      groupIds: await this.#resolveGroups(db, actor, filter, permission),
      patterns: search.patterns,
      status: filter.status as DeviceSelection['status'],
      encryption: filter.encryption as DeviceSelection['encryption'],
      fields: filteredFields.flatMap((name) => {
        const value = filter[name];
        return value === undefined ? [] : [[name, value] as const];
      }),
      tags: [
        ...(await resolveTags(db, filter.tag)).map((tagId) => [tagId]),
        ...(await Promise.all(search.tags.map((beginning) => listTagsBeginningWith(db, beginning)))),
      ],
      withoutTags: await resolveTags(db, filter.withoutTag),
    };
  }

  /** Rows as the contract has them, with what else the caller sees of the same computers. */
  async toSummaries(actor: Actor, rows: readonly DeviceRow[]): Promise<DeviceSummary[]> {
    const twins = await listTwins(
      this.#db,
      rows.flatMap((row) => row.hardwareId ?? []),
      placesOf(actor, 'directory:read'),
    );
    const signs = await this.#readSystemSigns(rows, twins);
    const copies = await listKeyCopies(
      this.#db,
      rows.map((row) => row.id),
      new Date(this.#clock.now() - SHOWN_COPY_MS),
    );
    const tags = await listTagNames(
      this.#db,
      rows.map((row) => row.id),
    );
    return rows.map((row) => ({
      ...this.#toSummary(row, twins.get(row.hardwareId ?? '') ?? [], signs),
      tags: tags.get(row.id) ?? [],
      keyCopies: (copies.get(row.id) ?? []).slice(0, MAX_KEY_COPIES).map((copy) => ({
        name: copy.deviceName,
        address: copy.address,
        lastSeenAt: copy.lastSeenAt.toISOString(),
        isWaiting: copy.isWaiting,
      })),
    }));
  }

  /** Of the rows that have twins, which few have, and of these twins. */
  async #readSystemSigns(
    rows: readonly DeviceRow[],
    twins: ReadonlyMap<string, readonly TwinRow[]>,
  ): Promise<ReadonlyMap<string, SystemSigns>> {
    const ids = rows.flatMap((row) => {
      const others = (twins.get(row.hardwareId ?? '') ?? []).filter((twin) => twin.id !== row.id);
      return others.length === 0 ? [] : [row.id, ...others.map((twin) => twin.id)];
    });
    return await listSystemSigns(this.#db, [...new Set(ids)]);
  }

  #toSummary(
    row: DeviceRow,
    twins: readonly TwinRow[],
    signs: ReadonlyMap<string, SystemSigns>,
  ): Omit<DeviceSummary, 'tags' | 'keyCopies'> {
    const describe = (record: DeviceRow | TwinRow): SystemRecord => ({
      ...signs.get(record.id),
      registeredAt: record.registeredAt.toISOString(),
      lastSeenAt: this.#presence.currentPresence(record.productNumber).lastSeenAt,
    });
    return {
      ...pickFields(row),
      id: row.id,
      name: row.name,
      groupId: row.groupId,
      groupPath: [...row.groupNames],
      transport: row.transport,
      registeredAt: row.registeredAt.toISOString(),
      presence: this.#presence.currentPresence(row.productNumber),
      twins: twins
        .filter((twin) => twin.id !== row.id)
        .slice(0, MAX_TWINS)
        .map((twin) => {
          const contradiction = findContradiction(describe(row), describe(twin));
          return {
            deviceId: twin.id,
            name: twin.name,
            groupPath: [...twin.groupNames],
            registeredAt: twin.registeredAt.toISOString(),
            presence: this.#presence.currentPresence(twin.productNumber),
            ...(contradiction === undefined ? {} : { contradiction }),
          };
        }),
    };
  }

  async #resolveGroups(
    db: Database,
    actor: Actor,
    filter: DeviceFilterInput,
    permission: Permission,
  ): Promise<readonly string[] | null> {
    const places = [placesOf(actor, 'directory:read'), placesOf(actor, permission)];
    const { groupId } = filter;
    const group =
      groupId === undefined ? undefined : requireGroup(actor, 'directory:read', await findGroup(db, groupId));
    if (group !== undefined && filter.withSubgroups === false) {
      return [requireGroup(actor, permission, group).id];
    }
    const isEverywhere = places.every((roots) => roots === null);
    if (isEverywhere && (groupId === undefined || groupId === TOP_GROUP_ID)) return null;
    const ids = await listGroupIds(db, { groupId, places });
    // It sees the group, so it may know why nothing in it counts.
    if (ids.length === 0 && group !== undefined) requireGroup(actor, permission, group);
    return ids;
  }

  async #count(selection: DeviceSelection): Promise<DeviceCount> {
    const value = await countDevices(this.#db, selection);
    if (value <= MAX_EXACT_COUNT) return { value, isExact: true };
    return { value: Math.max(value, await estimateDevices(this.#db, selection)), isExact: false };
  }

  /** The order is in memory, the selection in the database: whichever leaves fewer products goes first. */
  async #listByLastSeen(
    actor: Actor,
    selection: DeviceSelection,
    query: {
      readonly order: DeviceOrder;
      readonly limit: number;
      readonly after: { readonly lastSeenAtMs: number; readonly productNumber: number } | undefined;
    },
    count: DeviceCount,
  ): Promise<DevicePage> {
    // Memory knows the status itself, so a selection by nothing else is dense in what it lists.
    const isDense = !isLimited({ ...selection, status: undefined });
    const inOrder = { ...query, status: selection.status };
    const places =
      isDense || count.value > MAX_NUMBERS_AT_ONCE
        ? await this.#listByLastSeenInChunks({ ...selection, status: undefined }, inOrder)
        : this.#presence.listByLastSeen({
            ...inOrder,
            limit: query.limit + 1,
            among: await listSelectedProducts(this.#db, selection, undefined),
          });
    const page = places.slice(0, query.limit);
    const last = places.length > query.limit ? page.at(-1) : undefined;
    const rows = await listDevicesOfProducts(
      this.#db,
      page.map((place) => place.productNumber),
    );
    const rowOf = new Map(rows.map((row) => [row.productNumber, row]));
    return {
      devices: await this.toSummaries(
        actor,
        page.flatMap((place) => rowOf.get(place.productNumber) ?? []),
      ),
      nextCursor:
        last === undefined
          ? null
          : cursorOf('last-seen', query.order).encode(last.lastSeenAtMs, last.productNumber),
      count,
    };
  }

  async #listByLastSeenInChunks(
    selection: DeviceSelection,
    query: Parameters<PresenceReader['listByLastSeen']>[0],
  ): Promise<ReturnType<PresenceReader['listByLastSeen']>> {
    const found: ReturnType<PresenceReader['listByLastSeen']> = [];
    let { after } = query;
    // Growing chunks: a selection that is dense is done with the first, one that is not with a handful.
    for (let limit = FIRST_CHUNK; found.length <= query.limit; limit *= CHUNK_GROWTH) {
      const chunk = this.#presence.listByLastSeen({ ...query, limit, after });
      const numbers = chunk.map((place) => place.productNumber);
      const selected = new Set(await listSelectedProducts(this.#db, selection, numbers));
      found.push(...chunk.filter((place) => selected.has(place.productNumber)));
      after = chunk.at(-1);
      if (chunk.length < limit) break;
    }
    return found.slice(0, query.limit + 1);
  }
}

/** What of a row is in the contract as it is. */
function pickFields(row: DeviceRow): FieldValues<Exclude<ColumnField, 'registeredAt'>> {
  const entries = columnFields.map((name) => [name, row[name]]);
  return Object.fromEntries(entries) as FieldValues<ColumnField>;
}

/** A name that no tag has is refused: a filter that leaves out what does not exist would mean everybody. */
async function resolveTags(db: Database, names: readonly string[] | undefined): Promise<string[]> {
  if (names === undefined) return [];
  const ids = await findTagIds(db, names);
  const unknown = names.filter((name) => !ids.has(tagKeyOf(name)));
  if (unknown.length > 0) throw createTagNotFound(unknown);
  return [...new Set(ids.values())];
}
