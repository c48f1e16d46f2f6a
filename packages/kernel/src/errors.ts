/** Can the same request be sent again? Decided where it fails, never from its text. */
export type Retry = 'never' | 'safe' | 'outcome-unknown';

/** Facts that may be shown to the caller. Never a secret, never an internal address. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface AppErrorOptions {
  readonly cause?: unknown;
  readonly retry?: Retry;
  readonly facts?: ErrorFacts;
  /** One sentence that tells the reader what to do about it. */
  readonly remedy?: string;
}

/**
 * An expected failure: a closed code, a sentence for people and, where there is one, a remedy.
 * Anything that is not an `AppError` is a bug and reaches nobody but the log.
 */
export abstract class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retry: Retry;
  readonly facts: ErrorFacts;
  readonly remedy: string | undefined;

  constructor(code: Code, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retry = options.retry ?? 'never';
    this.facts = options.facts ?? {};
    this.remedy = options.remedy;
  }
}

/** True for an `AppError` of any area whose code is `code`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof AppError && error.code === code;
}
