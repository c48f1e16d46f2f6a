/** Text as the database can store it: names come from endpoints too, and it stores neither NUL nor half a surrogate pair. */
export function toStorableText(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const clean = text.replaceAll('\0', '\uFFFD').toWellFormed();
  return clean.length <= maxLength ? clean : clean.slice(0, maxLength).toWellFormed();
}

/** The same for every text and every key inside a value of JSON. */
export function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [toStorableText(key), toStorable(item)]),
  );
}

/**
 * At most so many characters the database counts in this value of JSON (`length(value::text)` of a `jsonb`): it writes a blank after
 * each colon and comma, and numbers without an exponent.
 *
 * @param value what `JSON.parse` could have given
 */
export function storedLength(value: unknown): number {
  if (typeof value === 'number') return numberLength(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value).length;
  const parts = Array.isArray(value)
    ? value.map(storedLength)
    : Object.entries(value).map(([key, item]) => JSON.stringify(key).length + 2 + storedLength(item));
  return 2 + Math.max(0, parts.length - 1) * 2 + parts.reduce((sum, length) => sum + length, 0);
}

function numberLength(value: number): number {
  const [digits = '', exponent] = JSON.stringify(value).split('e');
  return exponent === undefined ? digits.length : digits.length + Math.abs(Number(exponent)) + 2;
}
