import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@holdfast/api';
import { CliError, ProgramError } from '../cli.errors.ts';
import { formatErrorReport, reportError } from './error-report.ts';

test('the exit status tells refusal, usage, failed verification and an absent server apart', () => {
  assert.equal(reportError(new ApiError('PERMISSION_DENIED', 'No.', 403)).exitCode, 1);
  assert.equal(reportError(new CliError('ARGUMENT_INVALID', 'No.')).exitCode, 2);
  assert.equal(reportError(new CliError('SERVER_FINGERPRINT_MISMATCH', 'No.')).exitCode, 3);
  assert.equal(reportError(new ApiError('SERVER_NOT_REACHABLE', 'No.', 0)).exitCode, 4);
});

test('a report shows message, code, remedy and request', () => {
  const text = formatErrorReport({
    exitCode: 1,
    code: 'X',
    message: 'It failed.',
    remedy: 'Do this.',
    requestId: 'r-1',
  });
  assert.equal(text, 'holdfast: It failed. (X)\n  → Do this.\n  request r-1\n');
});

test('the failure of a program that was started here shows its own code, and no other', () => {
  const failure = { code: 'PORT_IN_USE', message: 'Port 8443 is taken.', remedy: 'Choose another.' };
  assert.equal(
    formatErrorReport(reportError(new ProgramError(failure))),
    'holdfast: Port 8443 is taken. (PORT_IN_USE)\n  → Choose another.\n',
  );
});

test('a message of the server cannot send escape sequences to the terminal', () => {
  const text = formatErrorReport(reportError(new ApiError('X', 'a\u001b[2Jb', 400)));
  assert.ok(!text.includes('\u001b'));
});

test('faults of the configuration stand one below the other, and a server makes no lines', () => {
  const message = 'It cannot be used:\n  A: must be a number';
  const own = new ProgramError({ code: 'CONFIGURATION_INVALID', message });
  assert.equal(formatErrorReport(reportError(own)), `holdfast: ${message} (CONFIGURATION_INVALID)\n`);
  const foreign = formatErrorReport(reportError(new ApiError('X', 'a\nholdfast: b', 400)));
  assert.equal(foreign, 'holdfast: a\uFFFDholdfast: b (X)\n');
});
