import { listAuditEntries } from '@holdfast/api';
import { defineCursor } from '../../platform/http/cursor.ts';
import { HttpError } from '../../platform/http/http.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AuditService } from './audit.service.ts';

/** The sequence of the entry. */
const auditCursor = defineCursor('audit', 'number');

export function registerAuditRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: AuditService,
): void {
  registerRoute(listAuditEntries, async ({ actor, query }) => {
    const { cursor, from, to, ...search } = query;
    const page = await service.list(actor, {
      ...search,
      from: parseInstant(from, 'from'),
      to: parseInstant(to, 'to'),
      beforeSequence: cursor === undefined ? undefined : auditCursor.decode(cursor)[0],
    });
    return {
      entries: page.entries,
      nextCursor: page.nextBefore === null ? null : auditCursor.encode(page.nextBefore),
    };
  });
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

function parseInstant(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined;
  const instant = INSTANT.test(text) ? new Date(text) : undefined;
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw createInvalid(name, 'must be an instant like 2026-11-22T08:00:00.000Z');
  }
  return instant;
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
