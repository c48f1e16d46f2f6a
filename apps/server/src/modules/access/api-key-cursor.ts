import { isUuid } from '@holdfast/kernel';
import { HttpError } from '../../platform/http/http.errors.ts';
import type { ApiKeyPlace } from './api-keys.store.ts';

/** A place in the list as text that callers only pass back. */
export function encodeApiKeyCursor({ createdAt, id }: ApiKeyPlace): string {
  return Buffer.from(`k${createdAt.getTime()}.${id}`).toString('base64url');
}

/** @throws HttpError REQUEST_INVALID for a cursor that this list did not give out */
export function decodeApiKeyCursor(cursor: string): ApiKeyPlace {
  const match = /^k(\d{1,15})\.(.{36})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const [, ms = '', id = ''] = match ?? [];
  const createdAt = new Date(Number(ms));
  if (match !== null && isUuid(id) && !Number.isNaN(createdAt.getTime())) return { createdAt, id };
  const message = 'is not one that this list gave out';
  throw new HttpError('REQUEST_INVALID', `The query of the request is not valid: query.cursor ${message}.`, {
    fields: [{ path: 'query.cursor', message }],
  });
}
