import path from 'node:path';
import { toTerminalJson } from '@holdfast/kernel';
import { type Level, type Logger, multistream, pino } from 'pino';
import { wrapFileError } from '../home/home.errors.ts';
import { formatLogLine } from './log-line.ts';
import { RotatingFile } from './rotating-file.ts';

export interface ServerLogOptions {
  /** HOLDFAST_HOME/log. */
  readonly folder: string;
  readonly level: Level;
  /** Gets warnings and errors as short text for people. */
  readonly writeWarning: (text: string) => void;
}

/** Nothing that is logged carries these; the rule is for the day when somebody logs a request by mistake. */
const REDACTED_PATHS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'key',
  'headers',
  'body',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * The log of the server: JSON lines in `server.log`, bounded, and warnings as text for whoever watches.
 *
 * @throws HomeError when the file cannot be opened
 */
export function openServerLog(options: ServerLogOptions): { readonly log: Logger; close(): void } {
  const file = path.join(options.folder, 'server.log');
  let lines: RotatingFile;
  try {
    lines = new RotatingFile({ file });
  } catch (error) {
    throw wrapFileError(error, file);
  }
  const log = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    },
    multistream([
      { level: options.level, stream: { write: (line: string) => lines.write(toTerminalJson(line)) } },
      { level: 'warn', stream: { write: (line: string) => options.writeWarning(formatLogLine(line)) } },
    ]),
  );
  return { log, close: () => lines.close() };
}
