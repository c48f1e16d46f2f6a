/** Search parameters of the address as plain text: `?status=online`, without JSON in it. */
export function parseSearchText(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function writeSearchText(search: Record<string, unknown>): string {
  const entries = Object.entries(search).flatMap(([name, value]) =>
    isSearchValue(value) && value !== '' ? [[name, String(value)]] : [],
  );
  const text = new URLSearchParams(entries).toString();
  return text === '' ? '' : `?${text}`;
}

function isSearchValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
