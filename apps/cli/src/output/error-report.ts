import { ApiError } from '@holdfast/api';
import { AppError } from '@holdfast/kernel';
import { CliError, ExitCode } from '../cli.errors.ts';
import { toTerminalLines, toTerminalText } from './terminal-text.ts';

export interface ErrorReport {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly requestId: string | undefined;
}

/** What a failure means to the person and to the script: text, code and exit status. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof ApiError) {
    return {
      exitCode: error.status === 0 ? ExitCode.serverNotReachable : ExitCode.refused,
      code: error.code,
      message: error.message,
      remedy:
        error.remedy ?? (error.status === 401 ? 'Run `holdfast connect` with a valid API key.' : undefined),
      requestId: error.problem?.requestId,
    };
  }
  if (error instanceof AppError) {
    return {
      exitCode: error instanceof CliError ? error.exitCode : ExitCode.refused,
      code: error.code,
      message: error.message,
      remedy: error.remedy,
      requestId: undefined,
    };
  }
  return {
    exitCode: ExitCode.refused,
    code: 'INTERNAL_ERROR',
    message:
      error instanceof Error ? (error.stack ?? error.message) : 'Something that is not an error was thrown.',
    remedy: 'This is a defect of holdfast; please report it with the lines above.',
    requestId: undefined,
  };
}

/** The report as lines for stderr. */
export function formatErrorReport(report: ErrorReport): string {
  const lines = [`holdfast: ${toTerminalText(report.message)} (${report.code})`];
  if (report.code === 'INTERNAL_ERROR') lines[0] = `holdfast: ${toTerminalLines(report.message)}`;
  if (report.remedy !== undefined) lines.push(`  → ${toTerminalText(report.remedy)}`);
  if (report.requestId !== undefined) lines.push(`  request ${toTerminalText(report.requestId)}`);
  return `${lines.join('\n')}\n`;
}
