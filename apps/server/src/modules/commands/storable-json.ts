/** Longest text and its ending, so that a reader sees that something is missing. */
export function toStorableText(text: string, maxLength: number): string {
  // The database stores neither NUL nor half a surrogate pair, and both come from endpoints one day.
  const clean = text.replaceAll('\0', '\uFFFD').toWellFormed();
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1).toWellFormed()}…`;
}

/** The same value without the signs that the database does not store, in names as in values. */
export function toStorableJson(value: unknown): unknown {
  if (typeof value === 'string') return toStorableText(value, Number.POSITIVE_INFINITY);
  if (Array.isArray(value)) return value.map(toStorableJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      toStorableText(key, Number.POSITIVE_INFINITY),
      toStorableJson(item),
    ]),
  );
}
