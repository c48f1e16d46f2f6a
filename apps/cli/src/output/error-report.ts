import { ApiError } from '@holdfast/api';
import { describeFailure, formatFailure, toTerminalText } from '@holdfast/kernel';
import { CliError, ExitCode } from '../cli.errors.ts';

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
  const { code, message, remedy } = describeFailure(error);
  const exitCode = error instanceof CliError ? error.exitCode : exitCodeOf(code);
  return { exitCode, code, message, remedy, requestId: undefined };
}

/** Of a refusal around components: that something proved wrong is another message to a script than that nothing came. */
function exitCodeOf(code: string): ExitCode {
  if (
    /^METADATA_(?!STORE_EMPTY|MISSING)/.test(code) ||
    code === 'TARGET_WRONG' ||
    code === 'REPOSITORY_DAMAGED'
  )
    return ExitCode.verificationFailed;
  return code === 'SOURCE_UNREACHABLE' || code === 'SOURCE_SLOW'
    ? ExitCode.serverNotReachable
    : ExitCode.refused;
}

/** The report as lines for stderr. */
export function formatErrorReport(report: ErrorReport): string {
  const { code, message, remedy, requestId } = report;
  const text = formatFailure({ code, message, ...(remedy === undefined ? {} : { remedy }) });
  return requestId === undefined ? text : `${text}  request ${toTerminalText(requestId)}\n`;
}
