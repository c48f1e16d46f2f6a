import { inspect } from 'node:util';

import { awaitFileEnd } from './file-end.mjs';

/** Failures that only repeat what a failure below them already said. */
const ECHOES = new Set(['subtestsFailed']);

function describeError(error) {
  const cause = error?.cause ?? error;
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 4, breakLength: 110 });
}

function isGiven(reason) {
  return reason !== undefined && reason !== false;
}

function* describeResult(isFailure, path, { details, todo, skip, line }) {
  const failure = details?.error;
  if (isFailure && !isGiven(todo) && !ECHOES.has(failure?.failureType))
    yield { kind: 'failure', path, line, error: describeError(failure) };
  else if (isGiven(skip)) yield { kind: 'skip', name: path.at(-1), reason: String(skip) };
  // A suite is not a test, but one that is skipped stands for all of its own.
  if (details?.type === 'suite' && !isGiven(skip)) return;
  const outcome = isGiven(skip) || isGiven(todo) ? 'skipped' : isFailure ? 'failed' : 'passed';
  yield { kind: 'result', outcome };
}

/** The suite that holds a whole file is the level 0 of node:test; the tests of the file begin below it. */
function* describe(type, data, names) {
  if (type === 'test:start') {
    names.length = data.nesting;
    names[data.nesting] = data.name;
  } else if (type === 'test:pass' || type === 'test:fail') {
    const path = data.nesting === 0 ? ['the whole file'] : [...names.slice(1, data.nesting), data.name];
    yield* describeResult(type === 'test:fail', path, data);
  } else if (type === 'test:dequeue' && data.type !== 'suite') {
    yield { kind: 'began', id: data.testId, name: data.name };
  } else if (type === 'test:complete') {
    yield { kind: 'ended', id: data.testId };
  }
}

/** A reporter of node:test that tells the runner, over the channel to it, how the tests of a file go. */
export default async function* report(events) {
  const names = [];
  for await (const { type, data } of events) {
    for (const record of describe(type, data, names)) {
      // Without a channel the runner is gone, and nobody wants to know.
      if (process.connected) process.send(record);
    }
    if (data.nesting === 0 && (type === 'test:pass' || type === 'test:fail')) awaitFileEnd();
  }
  // A reporter has to be able to print; what this one says goes another way.
  yield '';
}
