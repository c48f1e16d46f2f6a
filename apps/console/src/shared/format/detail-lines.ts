/** A value in the details of an entry, as far as it can be told what it means. */
export type DetailValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'duration'; readonly durationMs: number }
  | { readonly kind: 'instant'; readonly atMs: number }
  | { readonly kind: 'truth'; readonly isTrue: boolean }
  | { readonly kind: 'nothing' };

export interface DetailLine {
  /** `heartbeatIntervalMs` as "Heartbeat interval". */
  readonly name: string;
  /** What it was; absent where nothing was replaced. */
  readonly before?: DetailValue;
  readonly value: DetailValue;
}

/** The details of an entry, line by line. Of two states of one thing, what differs is left. */
export function detailLinesOf(details: Readonly<Record<string, unknown>>): readonly DetailLine[] {
  const { before, after, ...rest } = details;
  const lines = Object.entries(rest).flatMap(([name, value]) => linesOf(name, value));
  if (!isRecord(before) || !isRecord(after)) {
    if (before !== undefined) lines.push(...linesOf('before', before));
    if (after !== undefined) lines.push(...linesOf('after', after));
    return lines;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    lines.push({
      name: nameOf(name),
      before: valueOf(name, before[name]),
      value: valueOf(name, after[name]),
    });
  }
  return lines;
}

function linesOf(name: string, value: unknown): DetailLine[] {
  if (!isRecord(value)) return [{ name: nameOf(name), value: valueOf(name, value) }];
  return Object.entries(value).map(([inner, innerValue]) => ({
    name: `${nameOf(name)}: ${nameOf(inner).toLocaleLowerCase()}`,
    value: valueOf(inner, innerValue),
  }));
}

function valueOf(name: string, value: unknown): DetailValue {
  if (value === null || value === undefined || value === '') return { kind: 'nothing' };
  if (typeof value === 'boolean') return { kind: 'truth', isTrue: value };
  if (typeof value === 'number') {
    return name.endsWith('Ms') ? { kind: 'duration', durationMs: value } : { kind: 'number', value };
  }
  if (typeof value === 'string') {
    const atMs = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(atMs) ? { kind: 'text', text: value } : { kind: 'instant', atMs };
  }
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) {
    if (value.length === 0) return { kind: 'nothing' };
    // Only the names of groups from the top down are one thing in parts.
    const isPath = ['group', 'path', 'from', 'to', 'groupPath'].includes(name);
    return { kind: 'text', text: value.join(isPath ? ' / ' : ', ') };
  }
  return { kind: 'text', text: JSON.stringify(value) };
}

function nameOf(name: string): string {
  const words = name
    .replace(/^is(?=[A-Z])/, '')
    .replace(/(?<=[a-z])(?:Ms|At)$/, '')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_.]+/g, ' ')
    .toLocaleLowerCase();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
