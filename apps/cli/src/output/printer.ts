import { toTerminalJson, toTerminalLines } from '@holdfast/kernel';
import type { CliContext } from '../context.ts';

/**
 * Data goes to stdout, messages to stderr; with `--json` the data is one JSON document and nothing else. Whatever is
 * printed, no name in it can steer the terminal.
 */
export interface Printer {
  readonly isJson: boolean;
  /** The result of a command: `text` for people, `value` for programs. */
  result(value: unknown, text: () => string): void;
  /** A line for people on stderr; silent with `--json`. */
  note(line: string): void;
}

export function createPrinter(context: CliContext, isJson: boolean): Printer {
  return {
    isJson,
    result(value, text) {
      context.stdout.write(
        isJson ? `${toTerminalJson(JSON.stringify(value, undefined, 2))}\n` : toTerminalLines(text()),
      );
    },
    note(line) {
      if (!isJson) context.stderr.write(`${toTerminalLines(line)}\n`);
    },
  };
}
