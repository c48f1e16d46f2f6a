import type { Permission } from '@holdfast/api';

/** What a key is most often for. */
export const apiKeyPresets = ['read-only', 'automation', 'everything'] as const;
export type ApiKeyPreset = (typeof apiKeyPresets)[number];

/** What a script needs that watches devices and issues commands to them. */
const automation: ReadonlySet<Permission> = new Set([
  'directory:read',
  'commands:read',
  'commands:issue',
  'logs:read',
  'system:read',
]);

/** The permissions of a preset, of those that its creator has: no key may do more. */
export function permissionsOf(preset: ApiKeyPreset, own: readonly Permission[]): readonly Permission[] {
  switch (preset) {
    case 'read-only':
      return own.filter((permission) => permission.endsWith(':read'));
    case 'automation':
      return own.filter((permission) => automation.has(permission));
    case 'everything':
      return own;
  }
}

/** The preset that says exactly what is chosen; of several, the smallest. */
export function findPreset(
  chosen: readonly Permission[],
  own: readonly Permission[],
): ApiKeyPreset | undefined {
  if (chosen.length === 0) return undefined;
  const wanted = new Set(chosen);
  return apiKeyPresets.find((preset) => {
    const permissions = permissionsOf(preset, own);
    return permissions.length === wanted.size && permissions.every((permission) => wanted.has(permission));
  });
}
