/** What a command left behind. */
export interface CommandResult {
  /** What was done, for people. */
  readonly detail: string;
  /** What was found, for programs; at most 64 KiB as JSON. */
  readonly result?: Readonly<Record<string, unknown>>;
}

/** The handler has set the end of this process going; the next one says what became of the command, by `recover`. */
export const endsWithProcess: unique symbol = Symbol('ends with the process');

export interface CommandContext {
  /** The idempotency key: an effect that carries it can be recognised when the command is repeated. */
  readonly commandId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Obeys one type of command. */
export interface CommandHandler {
  readonly type: string;
  /**
   * True when doing it twice leaves the same effect as doing it once. Such a command is repeated after a crash in
   * its middle and when the server could not be reached; another one is reported as interrupted.
   */
  readonly isSafeToRepeat: boolean;
  /** Any `AppError` becomes the code and detail of the failure. */
  run(context: CommandContext): Promise<CommandResult | typeof endsWithProcess>;
  /** Asked by the next process, instead of repeating the command: what it came to that the process ended in its middle. */
  recover?(): CommandResult;
}
