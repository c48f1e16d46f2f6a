import { HttpError } from '../../platform/http/http.errors.ts';

/** Where a page of administrators begins, as text that callers only pass back. @param nameKey of the last one of the page before */
export function encodeAdministratorCursor(nameKey: string): string {
  return Buffer.from(`a${nameKey}`).toString('base64url');
}

/** @throws HttpError REQUEST_INVALID for a cursor that this list did not give out */
export function decodeAdministratorCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (/^a[^\0]{1,300}$/u.test(text)) return text.slice(1);
  const message = 'is not one that this list gave out';
  throw new HttpError('REQUEST_INVALID', `The query of the request is not valid: query.cursor ${message}.`, {
    fields: [{ path: 'query.cursor', message }],
  });
}
