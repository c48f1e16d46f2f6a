import type { Clock, ErrorFacts } from '@holdfast/kernel';
import { AppError, toTerminalJson } from '@holdfast/kernel';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The agent's own log: one line an event, with a code for programs and a sentence for people. Never a secret. Callers
 * log changes, not repetitions, so that a week without a server is a few hundred lines.
 */
export interface Log {
  debug(code: string, message: string, facts?: ErrorFacts): void;
  info(code: string, message: string, facts?: ErrorFacts): void;
  warn(code: string, message: string, facts?: ErrorFacts): void;
  error(code: string, message: string, facts?: ErrorFacts): void;
}

/** A log whose level follows something that changes. */
export interface AdjustableLog extends Log {
  /** With which it was made. */
  readonly level: LogLevel;
  followLevel(findLevel: () => LogLevel): void;
}

export interface LogOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  readonly write: (line: string) => void;
}

/** A log that writes JSON lines. */
export function createLog({ clock, level, write }: LogOptions): AdjustableLog {
  let findLevel = (): LogLevel => level;
  const at =
    (name: LogLevel) =>
    (code: string, message: string, facts: ErrorFacts = {}): void => {
      if (logLevels.indexOf(name) < logLevels.indexOf(findLevel())) return;
      const time = new Date(clock.now()).toISOString();
      // Whatever a server or a device put into it stays on this line, and steers no terminal.
      write(`${toTerminalJson(JSON.stringify({ time, level: name, code, message, ...facts }))}\n`);
    };
  return {
    level,
    followLevel: (find) => {
      findLevel = find;
    },
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}

/** Code of an expected failure, or `UNEXPECTED` for a fault of the program. */
export function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'UNEXPECTED';
}

/** The sentence for people; a fault of the program shows its own text, because nobody else will. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : 'Something that is no error was thrown.';
}
