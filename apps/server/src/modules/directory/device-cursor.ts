import { decodeBase64Url, decodeUtf8, encodeBase64Url } from '@holdfast/kernel';
import type { deviceSorts } from '@holdfast/api';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { DirectoryError } from './directory.errors.ts';

export type DeviceSort = (typeof deviceSorts)[number];
export type DeviceOrder = 'ascending' | 'descending';

const CursorContent = Type.Object(
  {
    s: Type.String({ maxLength: 20 }),
    o: Type.Union([Type.Literal('ascending'), Type.Literal('descending')]),
    /** Sort key of the last row: a text, or milliseconds. */
    k: Type.Union([Type.String({ maxLength: 400 }), Type.Integer()]),
    /** What makes it unique: a device id, or a product number. */
    i: Type.Union([
      Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
      Type.Integer({ minimum: 1 }),
    ]),
  },
  { additionalProperties: false },
);
type CursorContent = Static<typeof CursorContent>;

/** The last row of a page: the next one begins behind it. */
export interface DevicePlace {
  readonly key: string | number;
  readonly id: string | number;
}

export function encodeDeviceCursor(sort: DeviceSort, order: DeviceOrder, place: DevicePlace): string {
  const content: CursorContent = { s: sort, o: order, k: place.key, i: place.id };
  return encodeBase64Url(Buffer.from(JSON.stringify(content), 'utf8'));
}

/** @throws DirectoryError CURSOR_INVALID when it is none, or one of another order */
export function decodeDeviceCursor(cursor: string, sort: DeviceSort, order: DeviceOrder): DevicePlace {
  const content = readContent(cursor);
  const isTextual = sort === 'name' || sort === 'system' || sort === 'address';
  const hasKind =
    content !== undefined &&
    typeof content.k === (isTextual ? 'string' : 'number') &&
    typeof content.i === (sort === 'last-seen' ? 'number' : 'string');
  if (!hasKind || content.s !== sort || content.o !== order) {
    throw new DirectoryError('CURSOR_INVALID', 'The place to go on from is not one of this list.', {
      remedy: 'Start again at the first page.',
    });
  }
  return { key: content.k, id: content.i };
}

function readContent(cursor: string): CursorContent | undefined {
  const bytes = decodeBase64Url(cursor);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // NUL is the one character of JSON that no text of the database can be compared with.
    return Check(CursorContent, value) && !String(value.k).includes('\0') ? value : undefined;
  } catch {
    // Not JSON, so not a cursor; the caller is told that.
    return undefined;
  }
}
