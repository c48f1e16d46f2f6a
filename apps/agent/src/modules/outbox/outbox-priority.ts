import type { CommandReport } from '@holdfast/protocol';

/** What may be dropped when the outbox is full. The stored values are these numbers. */
export const OutboxPriority = {
  /** Running: the result that follows says it all. */
  progress: 0,
  /**
   * Succeeded, failed, cancelled; and accepted, without whose answer the command does not begin. Never dropped; a full outbox
   * takes no new command instead.
   */
  necessary: 1,
} as const;
export type OutboxPriority = (typeof OutboxPriority)[keyof typeof OutboxPriority];

export function priorityOf(state: CommandReport['state']): OutboxPriority {
  return state === 'running' ? OutboxPriority.progress : OutboxPriority.necessary;
}
