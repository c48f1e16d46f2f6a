import type { LiveEvent, Permission } from '@holdfast/api';

/** Something that open views want to know, with what decides who may know it. */
export interface ServerEvent {
  readonly event: LiveEvent;
  readonly permission: Permission;
  /** Path (group ids, top group first) of the object; absent where the event concerns nobody's scope. */
  readonly groupPath?: readonly string[];
}

/**
 * Tells what changed to all who listen. Publish after the commit, never before. Delivery is at most once and
 * within this process; a reader that needs certainty asks the database again.
 */
export interface Bus {
  publish(event: ServerEvent): void;
  subscribe(listener: (event: ServerEvent) => void): () => void;
}
