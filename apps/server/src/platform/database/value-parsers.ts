import pg from 'pg';
import { DatabaseError } from './database.errors.ts';

const INT8 = 20;
const DATE = 1082;
const TIMESTAMP = 1114;
const INT8_ARRAY = 1016;

/**
 * 64-bit integers come as numbers, because every counter of this product is 53 bits wide by definition.
 *
 * @throws DatabaseError DATABASE_NUMBER_UNSAFE beyond 2^53-1, where a number would silently be another one
 */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new DatabaseError(
      'DATABASE_NUMBER_UNSAFE',
      'A stored number is larger than this server can hold exactly.',
    );
  }
  return value;
}

function parseInt8Array(text: string): (number | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'NULL' ? null : parseInt8(item)));
}

// A date without a time zone has no instant: it stays text instead of becoming local midnight.
const keepText = (text: string): string => text;

const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [INT8, parseInt8],
  [INT8_ARRAY, parseInt8Array],
  [DATE, keepText],
  [TIMESTAMP, keepText],
]);

/** How values of the database become values of the program; what is not named here is the driver's default. */
export const valueParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    const own = format === 'binary' ? undefined : parsers.get(oid);
    return own ?? pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};
