import { toTerminalJson } from '@holdfast/kernel';

/** Data goes to standard output, messages to standard error, so that scripts read clean data. */
export interface Output {
  data(text: string): void;
  message(text: string): void;
}

/** Parts of it may come from a server or from hardware, and it may be read at a terminal. */
export function formatJson(value: unknown): string {
  return `${toTerminalJson(JSON.stringify(value, undefined, 2))}\n`;
}
