import type { Permission, Role } from '@holdfast/api';
import { AccessError } from './access.errors.ts';

/** The groups that an actor may see and change, with all their subgroups; `everything` has no limit. */
export type Scope = 'everything' | ReadonlySet<string>;

/** Who acts. It comes out of authentication and nowhere else; handlers never build one. */
export type Actor =
  | {
      readonly kind: 'administrator';
      readonly id: string;
      readonly name: string;
      readonly displayName: string;
      readonly role: Role;
      readonly sessionId: string;
      readonly csrfToken: string;
      readonly permissions: ReadonlySet<Permission>;
      readonly scope: Scope;
    }
  | {
      readonly kind: 'api-key';
      readonly id: string;
      readonly name: string;
      readonly permissions: ReadonlySet<Permission>;
      readonly scope: Scope;
    }
  /** A managed product that showed a valid access token. Has no permission of administrators. */
  | {
      readonly kind: 'product';
      readonly productNumber: number;
      readonly epoch: number;
      /** Name of its device, where whoever acts on its behalf knows it. */
      readonly deviceName?: string;
    }
  /** Before sign-in. */
  | { readonly kind: 'anonymous' }
  /** The server itself: jobs, start-up. */
  | { readonly kind: 'system'; readonly name: string };

export type ProductActor = Extract<Actor, { kind: 'product' }>;
export type SignedInActor = Extract<Actor, { kind: 'administrator' | 'api-key' }>;

/**
 * First line of every service method.
 *
 * @param groupPath ids of the groups from the top group down to the one that holds the object; when given, the
 *   object must lie in the actor's scope. Outside it the object does not exist for this actor.
 * @throws AccessError `PERMISSION_DENIED`, or `NOT_FOUND` outside the scope.
 */
export function requirePermission(actor: Actor, permission: Permission, groupPath?: readonly string[]): void {
  if (actor.kind === 'system') return;
  if (actor.kind !== 'administrator' && actor.kind !== 'api-key') {
    throw new AccessError('PERMISSION_DENIED', 'This needs a signed-in administrator or an API key.');
  }
  if (!actor.permissions.has(permission)) {
    throw new AccessError('PERMISSION_DENIED', `This needs the permission ${permission}.`, {
      facts: { permission },
      remedy:
        actor.kind === 'api-key'
          ? 'Make an API key that has it: in the console under Administration, API keys.'
          : 'Ask an enterprise administrator for it.',
    });
  }
  if (groupPath !== undefined && !isInScope(actor.scope, groupPath)) {
    throw new AccessError('NOT_FOUND', 'There is no such object.');
  }
}

/** Whether a group with this path (ids, top group first, itself last) lies in the scope. */
export function isInScope(scope: Scope, groupPath: readonly string[]): boolean {
  return scope === 'everything' || groupPath.some((groupId) => scope.has(groupId));
}

/** The scope as a value for SQL: null means no limit, else the ids of the groups at the roots of the scope. */
export function scopeGroupIds(actor: Actor): string[] | null {
  if (actor.kind === 'system') return null;
  if (actor.kind !== 'administrator' && actor.kind !== 'api-key') return [];
  return actor.scope === 'everything' ? null : [...actor.scope];
}
