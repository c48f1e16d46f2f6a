import { decodeBase64Url, decodeUtf8, encodeBase64Url, isUuid } from '@holdfast/kernel';
import { HttpError } from './http.errors.ts';

/** What the place of a row in a list is made of. */
interface FieldValues {
  readonly uuid: string;
  /** As the database compares it. */
  readonly text: string;
  /** A product number, a sequence. */
  readonly number: number;
  /** In milliseconds. */
  readonly instant: number;
}

export type CursorField = keyof FieldValues;

type PlaceOf<Fields extends readonly CursorField[]> = {
  -readonly [Index in keyof Fields]: FieldValues[Fields[Index]];
};

export interface Cursor<Place> {
  /** The row that a page ends with, as text that callers only pass back. */
  encode(...place: Place & readonly unknown[]): string;
  /** @throws HttpError CURSOR_INVALID for a text that this list did not give out */
  decode(cursor: string): Place;
}

const MAX_TEXT = 400;
/** The end of the year 9999, which the database still knows. */
const LAST_MS = 253_402_300_799_999;

const checks: { readonly [Field in CursorField]: (value: unknown) => boolean } = {
  uuid: (value) => typeof value === 'string' && isUuid(value),
  // The database has no NUL, and no halves of characters.
  text: (value) =>
    typeof value === 'string' && value.length <= MAX_TEXT && !value.includes('\0') && value.isWellFormed(),
  number: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  instant: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= LAST_MS,
};

/**
 * The cursors of one list: where a page ended and the next begins. Nobody is trusted for having one, it only says what to skip; so it
 * is checked and not signed.
 *
 * @param list with its order where it has several: a cursor of another one is refused
 */
export function defineCursor<const Fields extends readonly CursorField[]>(
  list: string,
  ...fields: Fields
): Cursor<PlaceOf<Fields>> {
  return {
    encode: (...place) => encodeBase64Url(Buffer.from(JSON.stringify([list, ...place]), 'utf8')),
    decode(cursor) {
      const [from, ...place] = readArray(cursor);
      const isPlace =
        from === list &&
        place.length === fields.length &&
        fields.every((field, index) => checks[field](place[index]));
      if (isPlace) return place as PlaceOf<Fields>;
      const message = 'is not one that this list gave out';
      throw new HttpError('CURSOR_INVALID', `The place to go on from, query.cursor, ${message}.`, {
        fields: [{ path: 'query.cursor', message }],
        remedy: 'Start again at the first page.',
      });
    },
  };
}

/** Nothing for a text that is no array in the one way in which it is written. */
function readArray(cursor: string): readonly unknown[] {
  const bytes = decodeBase64Url(cursor);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && JSON.stringify(value) === text ? value : [];
  } catch {
    // Not JSON, so not a cursor; the caller is told that.
    return [];
  }
}
