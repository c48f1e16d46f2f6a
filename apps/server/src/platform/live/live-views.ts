import type { LiveEvent, Permission } from '@holdfast/api';

/** Something that open views want to know, with what decides who may know it. */
export interface LiveMessage {
  readonly event: LiveEvent;
  readonly permission: Permission;
  /** Path (group ids, top group first) of the object; absent where the event concerns nobody's scope. */
  readonly groupPath?: readonly string[];
}

/**
 * The way to open views, in this process and at most once: a view that needs certainty asks again. Domain events come
 * here by themselves; what is told here directly is no fact that anybody else could need: how far a command has come,
 * that entries of any severity arrived, the presence of a moment. Tell after the commit, never before.
 */
export interface LiveViews {
  tell(message: LiveMessage): void;
  listen(listener: (message: LiveMessage) => void): () => void;
}
