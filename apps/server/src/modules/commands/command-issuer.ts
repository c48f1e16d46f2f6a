import type { Actor } from '../../platform/access/actor.ts';

/** Who gives an order, as Command Tracking keeps it. */
export interface CommandIssuer {
  readonly kind: 'administrator' | 'api-key' | 'system';
  readonly id: string;
  readonly name: string;
}

/** @throws TypeError for actors who give none */
export function issuerOf(actor: Actor): CommandIssuer {
  switch (actor.kind) {
    case 'administrator':
    case 'api-key':
      return { kind: actor.kind, id: actor.id, name: actor.name };
    case 'system':
      return { kind: 'system', id: 'system', name: actor.name };
    case 'product':
    case 'anonymous':
      throw new TypeError(`An actor of kind ${actor.kind} issues no commands`);
  }
}
