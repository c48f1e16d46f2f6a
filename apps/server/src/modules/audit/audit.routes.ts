import { listAuditEntries } from '@holdfast/api';
import { HttpError } from '../../platform/http/http.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AuditService } from './audit.service.ts';

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
      beforeSequence: cursor === undefined ? undefined : decodeCursor(cursor),
    });
    return {
      entries: page.entries,
      nextCursor: page.nextBefore === null ? null : encodeCursor(page.nextBefore),
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

function encodeCursor(sequence: number): string {
  return Buffer.from(`a${sequence}`).toString('base64url');
}

function decodeCursor(cursor: string): number {
  const match = /^a([1-9]\d{0,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const sequence = Number(match?.[1]);
  if (!Number.isSafeInteger(sequence)) throw createInvalid('cursor', 'is not one that this list gave out');
  return sequence;
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
