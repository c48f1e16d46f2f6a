import type { JsonObject, JsonValue } from './json.ts';

/**
 * The bytes that a signature is made over: canonical JSON (OLPC), as the TUF specification names it in section 4.1:
 * members in the order of their UTF-8 bytes, no blanks, and of all characters only `"` and `\` escaped.
 */
export function encodeCanonicalJson(value: JsonValue): Uint8Array {
  return Buffer.from(format(value), 'utf8');
}

function format(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return formatText(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`a safe integer is wanted, got ${value}`);
    return String(value);
  }
  if (isList(value)) return `[${value.map(format).join(',')}]`;
  return `{${Object.keys(value)
    .sort(compareText)
    .map((name) => `${formatText(name)}:${format(value[name] as JsonValue)}`)
    .join(',')}}`;
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function formatText(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** UTF-16, in which texts are compared here, and UTF-8 differ in the order of surrogates. */
function compareText(left: string, right: string): number {
  if (!/[\ud800-\udfff]/.test(left + right)) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
