import type { CommandDefinition, ParametersOf, Progress, ResultOf } from '@holdfast/protocol';

/** What a command left behind. */
export interface CommandResult<Result = Readonly<Record<string, unknown>>> {
  /** What was done, for people. */
  readonly detail: string;
  /** What was found, for programs; at most 64 KiB as JSON. */
  readonly result?: Result;
}

/** What happens to a command that was running when the agent ended, and whether it waits for a server that is away. */
export const OnRestart = {
  /** Reported as interrupted: it may have taken effect or not, and is not begun again. A server that is away fails it. */
  fail: 'fail',
  /** Begun again from the start: doing it twice leaves the same effect as doing it once. It waits for the server. */
  repeat: 'repeat',
  /** Continues from what its handler saved. It waits for the server. */
  resume: 'resume',
} as const;
export type OnRestart = (typeof OnRestart)[keyof typeof OnRestart];

/** What a handler saves to resume from; a small object as JSON. The handler checks its form: an older agent may have written it. */
export type SavedState = Readonly<Record<string, unknown>>;

export interface CommandContext<Parameters = Readonly<Record<string, unknown>>> {
  /** The idempotency key: an effect that carries it can be recognised when the command is repeated. */
  readonly commandId: string;
  /** As the definition has them, with the defaults of those that were left out. */
  readonly parameters: Parameters;
  /**
   * Aborts when the server wants the command ended, or when the agent stops: its reason is a {@link CommandStoppedError}. A handler
   * that can end early throws that reason, or one of its own that says what had been done; see `stopped`.
   */
  readonly signal: AbortSignal;
  /** Aborts only when the agent stops, even after `signal` has: for what can no longer be called off. */
  readonly stopSignal: AbortSignal;
  /** Reports progress, as often as the handler likes: what comes too fast is left out, and a smaller `percent` than before changes nothing. */
  reportProgress(progress: Progress): void;
  /** Saves this for the next process, replacing what was saved before: it is on disk when this returns. At most 64 KiB. */
  save(state: SavedState): void;
  /** Present when an earlier process, or an attempt without the server, began it: only for handlers that resume. */
  readonly resumed?: { readonly saved: SavedState | undefined };
}

/** Obeys one type of command. */
export interface CommandHandler<Definition extends CommandDefinition = CommandDefinition> {
  readonly definition: Definition;
  readonly onRestart: OnRestart;
  /** Any `AppError` becomes the code and detail of the failure. */
  run(context: CommandContext<ParametersOf<Definition>>): Promise<CommandResult<ResultOf<Definition>>>;
}

/** Keeps the types of the definition inside the handler, and lets it stand beside others. */
export function defineHandler<Definition extends CommandDefinition>(
  handler: CommandHandler<Definition>,
): CommandHandler {
  return handler;
}
