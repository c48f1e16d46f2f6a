/**
 * The assignments of an os-release file (freedesktop.org, os-release(5)): shell-like, one a line, with single or
 * double quotes and backslash escapes in double ones. Lines that are none are ignored, as the manual asks.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/u.exec(line.trim());
    if (match === null) continue;
    const [, name = '', value = ''] = match;
    fields.set(name, unquote(value));
  }
  return fields;
}

function unquote(value: string): string {
  const quote = value[0];
  if (value.length < 2 || (quote !== '"' && quote !== "'") || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === '"' ? inner.replaceAll(/\\(["$`\\])/gu, '$1') : inner;
}
