#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { formatFailure, formatFailureJson, guardProgram } from '@holdfast/kernel';
import { CommanderError } from 'commander';
import { ExitCode } from './cli.errors.ts';
import type { CliContext } from './context.ts';
import { formatErrorReport, reportError } from './output/error-report.ts';
import { createProgram, type ProgramOutcome } from './program.ts';

const guard = guardProgram(process, { whenOutputIsLost: 'end' });
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const context: CliContext = {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => Date.now(),
  noteTold: () => guard.noteTold(),
  onInterrupt: (listener) => {
    process.on('SIGINT', listener);
    return () => void process.off('SIGINT', listener);
  },
};
const outcome: ProgramOutcome = { exitCode: ExitCode.done };
const isJson = process.argv.includes('--json');

try {
  await createProgram(context, version, outcome).parseAsync(process.argv);
  process.exitCode = outcome.exitCode;
  if (outcome.exitCode !== ExitCode.done && !guard.isTold) {
    const failure = { code: 'NOT_SUCCESSFUL', message: 'Not all of it succeeded; the output says what.' };
    process.stderr.write(isJson ? formatFailureJson(failure) : formatFailure(failure));
  }
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  } else {
    const report = reportError(error);
    if (isJson) process.stderr.write(`${JSON.stringify({ error: report })}\n`);
    else process.stderr.write(formatErrorReport(report));
    process.exitCode = report.exitCode;
  }
}
