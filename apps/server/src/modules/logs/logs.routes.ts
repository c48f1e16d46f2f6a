import { getLogSettings, listLogEntries, updateLogSettings } from '@holdfast/api';
import { limits, LogsAnswerSchema, LogsRequestSchema, mcpPath } from '@holdfast/protocol';
import { defineCursor } from '../../platform/http/cursor.ts';
import { parseQuerySpan } from '../../platform/http/query-instant.ts';
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
    async ({ product, body }) => await intake.take(product, body),
  );
  platform.registerRoute(listLogEntries, async ({ actor, query }) => {
    const { cursor, from, to, ...search } = query;
    const { entries, next } = await list.list(actor, {
      ...search,
      ...parseQuerySpan({ from, to }),
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

function readPlace(cursor: string): LogPlace {
  const [receivedAtMs, id] = logCursor.decode(cursor);
  return { receivedAtMs, id };
}
