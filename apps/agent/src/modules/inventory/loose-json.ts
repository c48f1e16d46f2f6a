/**
 * Reading of what programs of other makers print as JSON: members may be missing, null or of another type, and a
 * fact that is not there is left out. Nothing here throws.
 */
export function readJson(text: string | undefined): unknown {
  try {
    // PowerShell 5 writes a byte order mark when its output is redirected.
    return text === undefined ? undefined : JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch {
    // See above: no JSON, no facts.
    return undefined;
  }
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function textOf(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  if (typeof found !== 'string') return undefined;
  const text = found.trim();
  return text === '' ? undefined : text;
}

/** A count or a number of bytes: a whole number from 0 that is exact. */
export function countOf(value: unknown, name: string): number | undefined {
  const found = member(value, name);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}

/** A list; a lone object counts as a list of one, because PowerShell 5 writes such lists so. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  if (Array.isArray(found)) return found;
  return found === undefined || found === null ? [] : [found];
}
