import { type AppError } from '@holdfast/kernel';
import { type CommandReport, limits } from '@holdfast/protocol';
import type { CommandResult } from './command-handler.ts';
import { CommandFailure } from './command.errors.ts';

/** A result above this is not kept once the server has it; a repeated report then carries only its detail. */
const MAX_KEPT_RESULT_BYTES = 4_096;

export function reportStep(commandId: string, state: 'accepted' | 'running', at: number): CommandReport {
  return { commandId, state, at };
}

/** The report of a success. A result beyond the protocol's bound is left out, and the detail says so. */
export function reportSuccess(
  commandId: string,
  { detail, result }: CommandResult<object>,
  at: number,
): CommandReport {
  const report = { commandId, state: 'succeeded', at, detail: cutDetail(detail) } as const;
  if (result === undefined) return report;
  if (sizeOf(result) > limits.maxCommandResultBytes) {
    return { ...report, detail: cutDetail(`${detail} The result was too large to be sent.`) };
  }
  return { ...report, result: { ...result } };
}

export function reportFailure(commandId: string, code: string, detail: string, at: number): CommandReport {
  const isCode = /^[A-Z][A-Z0-9_]*$/u.test(code) && code.length <= limits.maxReportCodeCharacters;
  return {
    commandId,
    state: 'failed',
    at,
    code: isCode ? code : CommandFailure.faulty,
    detail: cutDetail(detail),
  };
}

/** Failure of a handler that threw an expected error: its code, its sentence and what to do about it. */
export function reportError(commandId: string, error: AppError, at: number): CommandReport {
  const detail = [error.message, error.remedy].filter((part) => part !== undefined).join(' ');
  return reportFailure(commandId, error.code, detail, at);
}

/** Detail of one that was ended while it waited to be begun again. */
export const halfDone = 'It was ended before it was begun again. What it had done by then stays.';

/** @param detail what had been done by then */
export function reportCancelled(commandId: string, detail: string, at: number): CommandReport {
  return { commandId, state: 'cancelled', at, detail: cutDetail(detail) };
}

/** The report without a large result, for keeping. */
export function shrinkReport(report: CommandReport): CommandReport {
  if (report.result === undefined || sizeOf(report.result) <= MAX_KEPT_RESULT_BYTES) return report;
  const { result: _, ...rest } = report;
  return rest;
}

function sizeOf(result: object): number {
  return Buffer.byteLength(JSON.stringify(result));
}

function cutDetail(detail: string): string {
  return detail.slice(0, limits.maxReportDetailCharacters);
}
