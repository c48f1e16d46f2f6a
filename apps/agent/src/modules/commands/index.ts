/**
 * Carries out commands. Promises that a command is recorded as begun before its handler acts, that the same id never acts
 * twice
 * unless its handler says that repeating is safe, that its end is in the outbox in the same transaction as the record
 * of it, and that a command which expired, is unknown, has wrong parameters, or was cancelled before it began is refused before
 * anything is done. Lanes run side by side, each one command at a time, in the order in which they came. Does not promise that a
 * running command ends when the server wants it: that is up to its handler, and what really came of it is reported.
 */
export {
  type CommandContext,
  type CommandHandler,
  type CommandResult,
  defineHandler,
  OnRestart,
  type SavedState,
} from './command-handler.ts';
export { isCancelled, stopped } from './command.errors.ts';
export { readRunningCommands, type RunningCommand } from './command.store.ts';
export { type Commands, createCommands } from './commands.service.ts';
