import type { CommandReport } from '@holdfast/protocol';

/** What may be dropped when the outbox is full. The stored values are these numbers. */
export const OutboxPriority = {
  /** Accepted, running: the result that follows says it all. */
  progress: 0,
  /** Succeeded, failed. Never dropped; a full outbox takes no new command instead. */
  result: 1,
} as const;
export type OutboxPriority = (typeof OutboxPriority)[keyof typeof OutboxPriority];

export function priorityOf(state: CommandReport['state']): OutboxPriority {
  return state === 'succeeded' || state === 'failed' ? OutboxPriority.result : OutboxPriority.progress;
}
