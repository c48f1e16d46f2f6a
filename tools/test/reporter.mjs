import { inspect } from 'node:util';

/** Failures that only repeat what a failure below them already said. */
const ECHOES = new Set(['subtestsFailed']);

function describeError(error) {
  const cause = error?.cause ?? error;
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 4, breakLength: 110 });
}

/**
 * A reporter of node:test for another program to read: one JSON object a line. Results of tests, and the
 * counts that node itself makes in the end.
 */
export default async function* report(events) {
  const names = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names[data.nesting] = data.name;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const failure = data.details?.error;
      const isTodo = data.todo !== undefined && data.todo !== false;
      const isSkipped = data.skip !== undefined && data.skip !== false;
      if (type === 'test:fail' && !isTodo && !ECHOES.has(failure?.failureType)) {
        const path = [...names.slice(0, data.nesting), data.name];
        yield `${JSON.stringify({ kind: 'failure', path, line: data.line, error: describeError(failure) })}\n`;
      } else if (isSkipped) {
        yield `${JSON.stringify({ kind: 'skip', name: data.name, reason: String(data.skip) })}\n`;
      }
      if (data.details?.type !== 'suite')
        yield `${JSON.stringify({ kind: 'result', isFailure: type === 'test:fail' })}\n`;
    } else if (type === 'test:dequeue' && data.type !== 'suite') {
      yield `${JSON.stringify({ kind: 'began', id: data.testId, name: data.name })}\n`;
    } else if (type === 'test:complete') {
      yield `${JSON.stringify({ kind: 'ended', id: data.testId })}\n`;
    } else if (type === 'test:summary') {
      yield `${JSON.stringify({ kind: 'summary', counts: data.counts })}\n`;
    }
  }
}
