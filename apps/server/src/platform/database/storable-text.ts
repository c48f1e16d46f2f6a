/** Text as the database can store it: names come from endpoints too, and it stores neither NUL nor half a surrogate pair. */
export function toStorableText(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const clean = text.replaceAll('\0', '\uFFFD').toWellFormed();
  return clean.length <= maxLength ? clean : clean.slice(0, maxLength - 1).toWellFormed();
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
