import { getLogSettings, listLogEntries, updateLogSettings } from '@holdfast/api';
import { limits, LogsAnswerSchema, LogsRequestSchema, mcpPath } from '@holdfast/protocol';
import { defineCursor } from '../../platform/http/cursor.ts';
import { HttpError } from '../../platform/http/http.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { LogIntakeService } from './log-intake.service.ts';
import type { LogListService } from './log-list.service.ts';
import type { LogPlace } from './log-query.store.ts';
import type { LogSettingsService } from './log-settings.service.ts';

const logCursor = defineCursor('logs', 'instant', 'number');

export interface LogServices {
  readonly intake: LogIntakeService;
  readonly list: LogListService;
  readonly settings: LogSettingsService;
}

export function registerLogRoutes(
  platform: Pick<Platform, 'registerRoute' | 'registerMcpRoute'>,
  { intake, list, settings }: LogServices,
): void {
  platform.registerMcpRoute(
    {
      name: 'uploadLogs',
      method: 'POST',
      path: mcpPath.logs,
      access: 'product',
      requestClass: 'logs',
      bodyLimit: limits.maxLogBodyBytes,
      body: LogsRequestSchema,
      response: LogsAnswerSchema,
      gzip: { maxPackedBytes: limits.maxCompressedLogBodyBytes, maxBytes: limits.maxLogBodyBytes },
    },
    async ({ product, body }) => {
      // The platform lets nobody else in.
      if (product === undefined) throw new TypeError('A route for products was called by nobody');
      return await intake.take(product, body);
    },
  );
  platform.registerRoute(listLogEntries, async ({ actor, query }) => {
    const { cursor, from, to, ...search } = query;
    const { entries, next } = await list.list(actor, {
      ...search,
      fromMs: parseInstant(from, 'from'),
      toMs: parseInstant(to, 'to'),
      before: cursor === undefined ? undefined : readPlace(cursor),
    });
    return {
      entries,
      nextCursor: next === undefined ? null : logCursor.encode(next.receivedAtMs, next.id),
      searchedTo: next === undefined ? null : new Date(next.receivedAtMs).toISOString(),
    };
  });
  platform.registerRoute(getLogSettings, async ({ actor }) => await settings.get(actor));
  platform.registerRoute(
    updateLogSettings,
    async ({ actor, body, request }) => await settings.update(actor, body, request),
  );
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

function parseInstant(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const instantMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // Entries are never older than this century; a database reads years before the first differently.
  if (!(instantMs >= 0)) throw createInvalid(name, 'must be an instant like 2026-11-22T08:00:00.000Z');
  return instantMs;
}

function readPlace(cursor: string): LogPlace {
  const [receivedAtMs, id] = logCursor.decode(cursor);
  return { receivedAtMs, id };
}

function createInvalid(name: string, message: string): HttpError {
  return new HttpError(
    'REQUEST_INVALID',
    `The query of the request is not valid: query.${name} ${message}.`,
    {
      fields: [{ path: `query.${name}`, message }],
    },
  );
}
