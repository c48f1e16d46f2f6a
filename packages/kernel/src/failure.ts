import { AppError, type ErrorFacts } from './errors.ts';
import { toTerminalJson, toTerminalLines, toTerminalText } from './terminal-text.ts';

/** Why a program of Holdfast did not do what it was asked, for people and for scripts. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly facts?: ErrorFacts;
}

/** Code of what no program foresaw. */
export const INTERNAL_ERROR = 'INTERNAL_ERROR';

/** What a thrown value means. A defect of the program keeps its origin, because that is needed to mend it. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof AppError) {
    const { code, message, remedy, facts } = error;
    const hasFacts = Object.keys(facts).length > 0;
    return { code, message, ...(remedy === undefined ? {} : { remedy }), ...(hasFacts ? { facts } : {}) };
  }
  return {
    code: INTERNAL_ERROR,
    message:
      error instanceof Error ? (error.stack ?? error.message) : 'Something that is not an error was thrown.',
    remedy: 'This is a defect of Holdfast; please report it with the lines above.',
  };
}

/** Words of this installation itself, which may need several lines. Of others one line is shown as one. */
const CODES_OF_SEVERAL_LINES: ReadonlySet<string> = new Set([INTERNAL_ERROR, 'CONFIGURATION_INVALID']);

/**
 * Lines for the standard error of a terminal: what happened, the code to search for, and what to do about it. Parts of it may come
 * from a server that has proven nothing yet, so none of it begins a line of its own.
 */
export function formatFailure({ code, message, remedy }: Failure): string {
  const text = CODES_OF_SEVERAL_LINES.has(code) ? toTerminalLines(message) : toTerminalText(message);
  const first = code === INTERNAL_ERROR ? `holdfast: ${text}` : `holdfast: ${text} (${toTerminalText(code)})`;
  return remedy === undefined ? `${first}\n` : `${first}\n  → ${toTerminalText(remedy)}\n`;
}

/** One line for the standard error of whoever asked for JSON. */
export function formatFailureJson(failure: Failure): string {
  return `${toTerminalJson(JSON.stringify({ error: failure }))}\n`;
}

/** The failure in such lines, or `undefined` when they hold none. */
export function parseFailureJson(text: string): Failure | undefined {
  for (const line of text.split('\n').toReversed()) {
    const failure = parseLine(line);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function parseLine(line: string): Failure | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // A line for people.
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  const { error } = value;
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message, remedy } = error as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { code, message, ...(typeof remedy === 'string' ? { remedy } : {}) };
}
