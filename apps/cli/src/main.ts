#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { formatFailure, formatFailureJson, guardProgram } from '@holdfast/kernel';
import { ExitCode } from './cli.errors.ts';
import type { CliContext } from './context.ts';
import { formatErrorReport, reportError } from './output/error-report.ts';
import { runUp } from './processes/up.ts';

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
const isJson = process.argv.includes('--json');

/**
 * What `npm start` runs, and a service for as long as the computer is on, does without the rest of the command line in memory.
 * Whoever writes anything more gets the command of the same name.
 */
async function run([, , ...args]: readonly string[]): Promise<ExitCode> {
  if (args[0] === 'up' && args.slice(1).every((arg) => arg === '--no-agent'))
    return await runUp(context, { withAgent: args.length === 1 });
  const { runCommandLine } = await import('./program.ts');
  return await runCommandLine(context, version, process.argv);
}

try {
  process.exitCode = await run(process.argv);
  if (process.exitCode !== ExitCode.done && !guard.isTold) {
    const failure = { code: 'NOT_SUCCESSFUL', message: 'Not all of it succeeded; the output says what.' };
    process.stderr.write(isJson ? formatFailureJson(failure) : formatFailure(failure));
  }
} catch (error) {
  const report = reportError(error);
  if (isJson) process.stderr.write(`${JSON.stringify({ error: report })}\n`);
  else process.stderr.write(formatErrorReport(report));
  process.exitCode = report.exitCode;
}
