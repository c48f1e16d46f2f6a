/**
 * Obeys commands. Promises that a command is recorded as begun before its handler acts, that the same id never acts twice
 * unless its handler says that repeating is safe, that its end is in the outbox in the same transaction as the record
 * of it, and that a command which expired, is unknown, or was
 * cancelled before the server knew of its acceptance is refused before anything is done. Does not promise that two commands
 * run at the same time: they run one after the other, in the order in which they came.
 */
export {
  type CommandContext,
  type CommandHandler,
  type CommandResult,
  endsWithProcess,
} from './command-handler.ts';
export { CommandFailure } from './command.errors.ts';
export { type Commands, createCommands, type RunOutcome } from './commands.service.ts';
