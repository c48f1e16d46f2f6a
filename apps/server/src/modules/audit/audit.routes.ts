import { listAuditEntries } from '@holdfast/api';
import { defineCursor } from '../../platform/http/cursor.ts';
import { parseQuerySpan } from '../../platform/http/query-instant.ts';
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
      ...parseQuerySpan({ from, to }),
      beforeSequence: cursor === undefined ? undefined : auditCursor.decode(cursor)[0],
    });
    return {
      entries: page.entries,
      nextCursor: page.nextBefore === null ? null : auditCursor.encode(page.nextBefore),
    };
  });
}
