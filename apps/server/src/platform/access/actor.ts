import { organisationWidePermissions, type Permission, permissions } from '@holdfast/api';
import { AccessError } from './access.errors.ts';
import { Grants } from './grants.ts';

/** Who acts. It comes out of authentication and nowhere else; handlers never build one. */
export type Actor =
  | {
      readonly kind: 'administrator';
      readonly id: string;
      readonly name: string;
      readonly displayName: string;
      readonly sessionId: string;
      readonly csrfToken: string;
      readonly grants: Grants;
    }
  | {
      readonly kind: 'api-key';
      readonly id: string;
      readonly name: string;
      /** It was made for a time: what it does must not outlive it. */
      readonly isForTime: boolean;
      readonly grants: Grants;
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
export type KnownActor = SignedInActor | ProductActor;

/** Exactly who acts: what stays the same when somebody is called otherwise. */
export interface ActorIdentity {
  readonly kind: Actor['kind'];
  /** Null for whoever has none: the server itself, and nobody. */
  readonly id: string | null;
  readonly name: string;
}

export function identityOf(actor: Actor): ActorIdentity {
  const { kind } = actor;
  switch (actor.kind) {
    case 'administrator':
    case 'api-key':
      return { kind, id: actor.id, name: actor.name };
    case 'product': {
      const number = String(actor.productNumber);
      return { kind, id: number, name: actor.deviceName ?? `product ${number}` };
    }
    case 'system':
      return { kind, id: null, name: actor.name };
    case 'anonymous':
      return { kind, id: null, name: 'anonymous' };
  }
}

/** Who did it, as people read it: in a list, under a note. */
export function actorNameOf(actor: Actor): string {
  if (actor.kind === 'administrator') return actor.displayName;
  if (actor.kind === 'api-key') return `API key ${actor.name}`;
  return identityOf(actor).name;
}

/** How an actor comes to know of an object, and what it is told where there is none for it. */
export interface Sight {
  /** Whoever has this at the object's place may know that the object exists. */
  readonly permission: Permission;
  readonly createNotFound: () => Error;
}

const groupSight: Sight = {
  permission: 'directory:read',
  createNotFound: () => new AccessError('NOT_FOUND', 'There is no such object.'),
};

/**
 * First line of every service method.
 *
 * With a path, the actor must have the permission there. Who has it elsewhere only is told the truth as far as it may know
 * it: "you may not do this here" when it may see the object, "there is no such object" when it may not.
 *
 * @param groupPath ids of the groups from the top group down to the one that holds the object
 * @param sight of objects that are seen by another permission, or whose absence has a code of its own
 * @throws AccessError `PERMISSION_DENIED`, or `NOT_FOUND` for what does not exist for this actor
 */
export function requirePermission(
  actor: Actor,
  permission: Permission,
  groupPath?: readonly string[],
  sight: Sight = groupSight,
): void {
  if (actor.kind === 'system') return;
  if (actor.kind !== 'administrator' && actor.kind !== 'api-key') {
    throw new AccessError('PERMISSION_DENIED', 'This needs a signed-in administrator or an API key.');
  }
  if (!actor.grants.mayAnywhere(permission)) throw createDenied(actor, permission);
  if (groupPath === undefined || actor.grants.mayAt(permission, groupPath)) return;
  if (!actor.grants.mayAt(sight.permission, groupPath)) throw sight.createNotFound();
  throw new AccessError('PERMISSION_DENIED', `This needs the permission ${permission} in this group.`, {
    facts: { permission },
    remedy: 'Ask an enterprise administrator for it, or do it where you may.',
  });
}

/**
 * For what concerns the whole organisation although its permission can be had in a group: it has to be had on everything.
 *
 * @throws AccessError PERMISSION_DENIED
 */
export function requireEverywhere(actor: Actor, permission: Permission): void {
  requirePermission(actor, permission);
  if (mayEverywhere(actor, permission)) return;
  throw new AccessError(
    'PERMISSION_DENIED',
    `This concerns the whole organisation and needs the permission ${permission} on everything.`,
    { facts: { permission }, remedy: 'Ask somebody who has it on everything, not only in a group.' },
  );
}

/** May this actor do it at a place? @param groupPath ids of the groups from the top group down */
export function mayAt(actor: Actor, permission: Permission, groupPath: readonly string[]): boolean {
  return grantsOf(actor).mayAt(permission, groupPath);
}

/** May this actor do it on everything, also on what lies in no group? */
export function mayEverywhere(actor: Actor, permission: Permission): boolean {
  return mayAt(actor, permission, []);
}

/** At which places may this actor do it? As a value for SQL: null for everything, else the groups at their roots. */
export function placesOf(actor: Actor, permission: Permission): string[] | null {
  const places = grantsOf(actor).placesOf(permission);
  return places === 'everything' ? null : [...places];
}

const allGrants = new Grants([{ permissions: new Set(permissions), groupId: null }]);

export function grantsOf(actor: Actor): Grants {
  switch (actor.kind) {
    case 'system':
      return allGrants;
    case 'administrator':
    case 'api-key':
      return actor.grants;
    case 'product':
    case 'anonymous':
      return Grants.none;
  }
}

function createDenied(actor: SignedInActor, permission: Permission): AccessError {
  const isOfKey = actor.kind === 'api-key';
  if (organisationWidePermissions.has(permission)) {
    return new AccessError(
      'PERMISSION_DENIED',
      `This concerns the whole organisation and needs the permission ${permission} on everything.`,
      {
        facts: { permission },
        remedy: isOfKey
          ? 'Use an API key that has it and is not limited to a group.'
          : 'Ask an enterprise administrator for it.',
      },
    );
  }
  return new AccessError('PERMISSION_DENIED', `This needs the permission ${permission}.`, {
    facts: { permission },
    remedy: isOfKey
      ? 'Make an API key that has it: in the console under Administration, API keys.'
      : 'Ask an enterprise administrator for it.',
  });
}
