import { AppError } from '@holdfast/kernel';
import { describeError } from '../platform/log.ts';

/** Data goes to standard output, messages to standard error, so that scripts read clean data. */
export interface Output {
  data(text: string): void;
  message(text: string): void;
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** An error for people: what happened, its code to search for, and what to do about it. */
export function formatError(error: unknown): string {
  if (!(error instanceof AppError)) return `Unexpected fault: ${describeError(error)}\n`;
  const remedy = error.remedy === undefined ? '' : `\n${error.remedy}`;
  return `${error.message} (${error.code})${remedy}\n`;
}

/** An error for scripts. */
export function formatErrorJson(error: unknown): string {
  if (!(error instanceof AppError))
    return formatJson({ error: { code: 'UNEXPECTED', message: describeError(error) } });
  const { code, message, remedy, facts } = error;
  return formatJson({ error: { code, message, ...(remedy === undefined ? {} : { remedy }), facts } });
}
