import type { Actor } from '../../platform/access/actor.ts';

/** Who did it, as people read it. The audit log holds the exact identity. */
export function actorNameOf(actor: Actor): string {
  switch (actor.kind) {
    case 'administrator':
      return actor.displayName;
    case 'api-key':
      return `API key ${actor.name}`;
    case 'product':
      return `product ${actor.productNumber}`;
    case 'system':
      return actor.name;
    case 'anonymous':
      return 'anonymous';
  }
}
