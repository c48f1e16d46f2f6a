import type { Permission } from '@holdfast/api';
import type { EventType } from '../../platform/events/domain-event.ts';
import type { EventTypes } from '../../platform/events/event-types.ts';

/** The pattern for everything. */
export const EVERYTHING = '*';

/** True when a pattern (`*`, `device.*`, `device.moved`) means this type. */
export function matchesPattern(pattern: string, type: string): boolean {
  if (pattern === EVERYTHING) return true;
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** Sent to the one webhook that is tested, whatever it has chosen. */
export const TEST_EVENT = 'webhook.tested' satisfies EventType;

/** The types that patterns mean as of now, without those that nobody with these permissions may read. */
export function resolvePatterns(
  patterns: readonly string[],
  permissions: ReadonlySet<string>,
  types: Pick<EventTypes, 'list'>,
): EventType[] {
  return types
    .list()
    .filter(
      ([type, { permission }]) =>
        type !== TEST_EVENT &&
        permissions.has(permission) &&
        patterns.some((pattern) => matchesPattern(pattern, type)),
    )
    .map(([type]) => type);
}

/** A pattern that means nothing that this release tells; undefined when there is none. */
export function findUnknownPattern(
  patterns: readonly string[],
  types: Pick<EventTypes, 'list'>,
): string | undefined {
  const known = types.list().map(([type]) => type);
  return patterns.find((pattern) => !known.some((type) => matchesPattern(pattern, type)));
}

/** What patterns that name one type need. */
export function permissionsNamed(
  patterns: readonly string[],
  types: Pick<EventTypes, 'find'>,
): ReadonlySet<Permission> {
  return new Set(patterns.flatMap((pattern) => types.find(pattern)?.permission ?? []));
}
