import { printableTextPattern } from '@holdfast/kernel';
import { type TEnum, Type } from 'typebox';

/** Instants travel as RFC 3339 in UTC with milliseconds, e.g. `2026-11-22T08:00:00.000Z`. */
export const Instant = Type.String({ minLength: 20, maxLength: 30, description: 'RFC 3339 instant in UTC' });
export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  description: 'UUID in lower case',
});
export const ProductNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
/** One below what the database can count to: the next revision is written with the comparison. */
export const Revision = Type.Integer({ minimum: 1, maximum: 2_147_483_646 });
/** A name that people give: 1 to 128 characters, of which at least one can be seen; see `printableTextPattern`. */
export const Name = Type.String({ minLength: 1, maxLength: 128, pattern: printableTextPattern });
export const Cursor = Type.String({
  minLength: 1,
  // Holds a name of 400 characters, whatever they are.
  maxLength: 4096,
  description: 'Opaque; from the previous page',
});
export const PageLimit = Type.Integer({ minimum: 1, maximum: 500 });
export const SearchText = Type.String({ minLength: 1, maxLength: 200 });

/** A count; `isExact` is false where counting everything would be too slow and the number is an estimate. */
export const Count = Type.Object({ value: Type.Integer({ minimum: 0 }), isExact: Type.Boolean() });

/** A closed set of words. */
export function oneOf<const Values extends readonly string[]>(values: Values): TEnum<[...Values]> {
  return Type.Enum<[...Values]>([...values]);
}
