/**
 * What one test file came to. `records` are the lines of the reporter, `ending` is how its process ended.
 *
 * Invariant: a file that did not do its work to the end has at least one failure: without a test, ended too
 * early, killed, or with an exit code that none of its tests explains.
 */
export function judgeFile(file, records, ending) {
  const failures = records.filter((record) => record.kind === 'failure');
  const skips = records.filter((record) => record.kind === 'skip');
  const results = records.filter((record) => record.kind === 'result');
  const counts = records.find((record) => record.kind === 'summary')?.counts;
  const outcome = { file, passed: 0, failed: 0, skipped: skips.length, failures: [...failures], skips };
  if (counts === undefined) {
    outcome.failed = results.filter((result) => result.isFailure).length;
    outcome.passed = results.length - outcome.failed - skips.length;
  } else {
    outcome.passed = counts.passed;
    outcome.failed = counts.failed + counts.cancelled;
    outcome.skipped = counts.skipped + counts.todo;
  }
  const complaint = complain(counts, ending, failures.length > 0, nameUnfinished(records));
  if (complaint !== undefined) {
    outcome.failures.push({ path: ['the whole file'], error: complaint });
    outcome.failed = Math.max(outcome.failed + (ending.isLate === true ? 1 : 0), 1);
  }
  if (outcome.failures.length > 0) outcome.failed = Math.max(outcome.failed, 1);
  return outcome;
}

/** The tests that had begun and not ended: where to look when a file hangs or dies. */
function nameUnfinished(records) {
  const ended = new Set(records.filter((record) => record.kind === 'ended').map((record) => record.id));
  return records
    .filter((record) => record.kind === 'began' && !ended.has(record.id))
    .map((record) => record.name);
}

function complain(counts, ending, hasFailures, unfinished) {
  const during = unfinished.length === 0 ? '' : ` Unfinished: ${unfinished.join('; ')}.`;
  if (ending.isLate === true) {
    const guess =
      unfinished.length === 0
        ? ' All its tests had ended, so something is left open: a timer, a socket, a child process.'
        : during;
    return `It did not end within ${ending.limitSeconds} s and was stopped.${guess}`;
  }
  if (counts === undefined) {
    if (hasFailures) return undefined;
    return ending.code === 0
      ? 'It ran no test.'
      : `Its process ended (${ending.signal ?? `exit code ${ending.code}`}) before its tests had finished.${during}`;
  }
  if (counts.tests === 0) return 'It ran no test.';
  if (ending.code !== 0 && !hasFailures && counts.failed + counts.cancelled === 0) {
    return `Its process ended with ${ending.signal ?? `exit code ${ending.code}`} although no test failed.`;
  }
  return undefined;
}

export function addUp(outcomes) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of outcomes) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** The closing line: other programs read it, so its form is fixed. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A run is good when something ran and nothing failed. A run that only skipped showed nothing. */
export function isGood({ passed, failed }) {
  return passed > 0 && failed === 0;
}
