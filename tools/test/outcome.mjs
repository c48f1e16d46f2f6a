/**
 * What one test file came to. `records` are those of the reporter, `ending` is how the file, or its process, ended.
 *
 * Invariant: a file that did not do its work to the end has at least one failure: without a test, ended too
 * early, killed, or with an exit code that none of its tests explains.
 */
export function judgeFile(file, records, ending) {
  const of = (kind) => records.filter((record) => record.kind === kind);
  const count = (outcome) => of('result').filter((result) => result.outcome === outcome).length;
  const failures = of('failure');
  const complaint = complain(records, ending, failures.length > 0);
  if (complaint !== undefined) failures.push({ path: ['the whole file'], error: complaint });
  const failed = count('failed') + (complaint !== undefined && ending.isLate === true ? 1 : 0);
  return {
    file,
    passed: count('passed'),
    failed: failures.length > 0 ? Math.max(failed, 1) : failed,
    skipped: count('skipped'),
    failures,
    skips: of('skip'),
    // Of a file that did not get to its end nobody knows.
    workedMs: of('over')[0]?.workedMs,
  };
}

/** What came to light only when a process that several files had shared, all without a failure, was to end. */
export function judgeEnd(files, ending) {
  if (ending.isLate !== true && ending.code === 0) return undefined;
  const over = [{ kind: 'over' }, { kind: 'result' }];
  const outcome = judgeFile(`the process shared by ${files.length} files`, over, ending);
  return { ...outcome, output: '', companions: files };
}

/** The tests that had begun and not ended: where to look when a file hangs or dies. */
function nameUnfinished(records) {
  const ended = new Set(records.filter((record) => record.kind === 'ended').map((record) => record.id));
  return records
    .filter((record) => record.kind === 'began' && !ended.has(record.id))
    .map((record) => record.name);
}

function complain(records, ending, hasFailures) {
  const unfinished = nameUnfinished(records);
  const during = unfinished.length === 0 ? '' : ` Unfinished: ${unfinished.join('; ')}.`;
  if (ending.isLate === true) {
    const guess =
      unfinished.length === 0
        ? ' All its tests had ended, so something is left open: a timer, a socket, a child process.'
        : during;
    return `It did not end within ${ending.limitSeconds} s and was stopped.${guess}`;
  }
  const reason = ending.signal ?? `exit code ${ending.code}`;
  if (!records.some(({ kind }) => kind === 'over'))
    return `Its process ended (${reason}) before its tests had finished.${during}`;
  if (hasFailures) return undefined;
  if (!records.some(({ kind }) => kind === 'result')) return 'It ran no test.';
  return ending.code === 0 ? undefined : `Its process ended with ${reason} although no test failed.`;
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
