import { type LogRecord, type LogSeverity, logSeverities } from '@holdfast/api';
import { type Actor, placesOf, requirePermission } from '../../platform/access/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { findDistinctions } from '../directory/index.ts';
import { severityCode } from './log-batch.ts';
import {
  countProducts,
  findFloor,
  isAboutProducts,
  isLookedThrough,
  listLogRows,
  type LogPath,
  type LogPlace,
  type LogRow,
  type LogSelection,
  MAX_PRODUCTS_ONE_BY_ONE,
} from './log-query.store.ts';

export interface LogSearch {
  readonly productNumber?: number | undefined;
  readonly deviceId?: string | undefined;
  readonly groupId?: string | undefined;
  readonly type?: string | undefined;
  readonly severity?: LogSeverity | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly search?: string | undefined;
  /** Only entries older than this place. */
  readonly before?: LogPlace | undefined;
  readonly limit?: number | undefined;
}

export interface LogPage {
  readonly entries: LogRecord[];
  /** Where the next page begins; undefined at the end. */
  readonly next: LogPlace | undefined;
}

const DEFAULT_LIMIT = 100;
const DAY_MS = 86_400_000;
/** The newest days first: most pages are full before older ones are opened. */
const SPANS_MS = [2 * DAY_MS, 14 * DAY_MS];
/**
 * So many entries are looked at for one page, where the index alone does not decide: first a few, because they often fill
 * the page, then so many that the caller does not wait long for it.
 */
const BUDGETS = [2_000, 20_000];

export interface LogListParts {
  readonly platform: Pick<Platform, 'database' | 'clock'>;
  readonly budgets?: readonly number[];
}

/** Reading log entries. */
export class LogListService {
  readonly #platform: Pick<Platform, 'database' | 'clock'>;
  readonly #budgets: readonly number[];

  constructor({ platform, budgets = BUDGETS }: LogListParts) {
    this.#platform = platform;
    this.#budgets = budgets;
  }

  /** Newest first. What lies where the caller may not read does not exist for it, whatever it asks for. */
  async list(actor: Actor, search: LogSearch): Promise<LogPage> {
    requirePermission(actor, 'logs:read');
    const { rows, next } = await this.#readPage(actor, search);
    const devices = rows.flatMap(({ deviceId, deviceName }) =>
      deviceId === null || deviceName === null ? [] : [{ id: deviceId, name: deviceName }],
    );
    const distinctions = await findDistinctions(
      this.#platform.database,
      devices,
      placesOf(actor, 'logs:read'),
    );
    return { entries: rows.map((row) => toLogRecord(row, distinctions)), next };
  }

  async #readPage(
    actor: Actor,
    search: LogSearch,
  ): Promise<{ readonly rows: readonly LogRow[]; readonly next: LogPlace | undefined }> {
    const { database } = this.#platform;
    const limit = search.limit ?? DEFAULT_LIMIT;
    const selection: LogSelection = {
      productNumber: search.productNumber,
      deviceId: search.deviceId,
      groupId: search.groupId,
      type: search.type,
      minSeverity: severityCode[search.severity ?? 'debug'],
      search: search.search,
      scope: placesOf(actor, 'logs:read'),
    };
    const path = await this.#choosePath(selection);
    if (path === undefined) return { rows: [], next: undefined };
    const rows: LogRow[] = [];
    let before = firstPlace(search);
    const budgets = isLookedThrough(selection, path) ? this.#budgets : [undefined];
    for (const fromMs of this.#spans(search, before)) {
      let floor: LogPlace | undefined;
      for (const budget of budgets) {
        const span = { fromMs, before };
        floor = budget === undefined ? undefined : await findFloor(database, selection, path, span, budget);
        rows.push(
          ...(await listLogRows(database, selection, path, { ...span, floor }, limit + 1 - rows.length)),
        );
        if (rows.length > limit) {
          const entries = rows.slice(0, limit);
          return { rows: entries, next: placeOf(entries.at(-1)) };
        }
        if (floor === undefined) break;
        before = floor;
      }
      if (floor !== undefined) return { rows, next: floor };
      before = { receivedAtMs: fromMs, id: 0 };
    }
    return { rows, next: undefined };
  }

  /** Undefined when no product is meant: then there is nothing to look for. */
  async #choosePath(selection: LogSelection): Promise<LogPath | undefined> {
    if (!isAboutProducts(selection)) return 'time';
    const limit = MAX_PRODUCTS_ONE_BY_ONE + 1;
    const count = await countProducts(this.#platform.database, selection, limit);
    if (count === 0) return undefined;
    return count < limit ? 'products' : 'time';
  }

  /** Beginnings of the spans that are looked at one after the other. */
  #spans(search: LogSearch, before: LogPlace): number[] {
    const oldestMs = search.from?.getTime() ?? 0;
    const newestMs = Math.min(before.receivedAtMs, this.#platform.clock.now());
    const starts = SPANS_MS.map((length) => Math.floor((newestMs - length) / DAY_MS) * DAY_MS);
    return [...starts.filter((startMs) => startMs > oldestMs), oldestMs];
  }
}

/** Before the year 10000, so that every entry comes after it. */
const END_OF_TIME_MS = 253_402_300_800_000;

function firstPlace({ before, to }: LogSearch): LogPlace {
  const end = { receivedAtMs: to?.getTime() ?? END_OF_TIME_MS, id: 0 };
  if (before === undefined) return end;
  return before.receivedAtMs < end.receivedAtMs ? before : end;
}

function placeOf(row: { readonly id: number; readonly receivedAt: Date } | undefined): LogPlace | undefined {
  return row && { receivedAtMs: row.receivedAt.getTime(), id: row.id };
}

function toLogRecord(row: LogRow, distinctions: ReadonlyMap<string, string>): LogRecord {
  const distinction = distinctions.get(row.deviceId ?? '');
  return {
    id: row.id,
    receivedAt: row.receivedAt.toISOString(),
    at: row.at.toISOString(),
    source: row.isFromServer ? 'server' : 'product',
    productNumber: row.productNumber,
    deviceId: row.deviceId,
    deviceName: row.deviceName ?? `product ${row.productNumber}`,
    ...(distinction === undefined ? {} : { deviceDistinction: distinction }),
    type: row.type,
    severity: logSeverities[row.severity] ?? 'debug',
    text: row.text,
    facts: row.facts,
  };
}
