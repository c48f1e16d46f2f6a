/** Data goes to standard output, messages to standard error, so that scripts read clean data. */
export interface Output {
  data(text: string): void;
  message(text: string): void;
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
