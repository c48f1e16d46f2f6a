import { formatDuration } from '../setup/step.mjs';
import { addUp, closingLine } from './outcome.mjs';

const SLOWEST = 10;

export function describeOutcome(outcome) {
  const parts = [];
  if (outcome.passed > 0) parts.push(`${outcome.passed} passed`);
  if (outcome.failed > 0) parts.push(`${outcome.failed} failed`);
  if (outcome.skipped > 0) parts.push(`${outcome.skipped} skipped`);
  const mark = outcome.failed > 0 ? '✖' : outcome.passed > 0 ? '✔' : '-';
  const note = outcome.hasLeftovers ? '  (left processes behind; they were ended)' : '';
  const { durationMs, workedMs } = outcome;
  const work = workedMs === undefined ? '' : `, ${formatDuration(workedMs)} of work`;
  return `${mark} ${outcome.file}  ${parts.join(', ')}  (${formatDuration(durationMs)}${work})${note}`;
}

function printSkips(outcomes, out) {
  const counts = new Map();
  for (const { skips } of outcomes) {
    for (const { name, reason } of skips) {
      const text = reason === 'true' || reason === '' ? `no reason given: ${name}` : reason;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  if (counts.size > 0) out.write('\nSkipped:\n');
  for (const [reason, count] of counts) out.write(`  ${count} × ${reason}\n`);
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

function printFailures(outcomes, out) {
  const failed = outcomes.filter((outcome) => outcome.failures.length > 0);
  for (const { file, failures, output, companions = [] } of failed) {
    out.write(`\n✖ ${file}\n`);
    for (const { path, line, error } of failures) {
      out.write(`\n  ${path.join(' › ')}${line === undefined ? '' : `  (line ${line})`}\n${indent(error)}\n`);
    }
    const said = output.trimEnd();
    if (said !== '') out.write(`\n  It printed:\n${indent(said.split('\n').slice(-60).join('\n'))}\n`);
    if (companions.length > 0)
      out.write(`\n  Its process had run before it:\n${indent(companions.join('\n'))}\n`);
  }
}

function printSlowest(outcomes, out) {
  const slowest = outcomes
    .filter(({ durationMs }) => durationMs !== undefined)
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .slice(0, SLOWEST);
  if (slowest.length > 0) out.write('\nThe slowest files, with the time that processors worked for them:\n');
  for (const { file, durationMs, workedMs } of slowest) {
    const work = workedMs === undefined ? '' : formatDuration(workedMs);
    out.write(`  ${formatDuration(durationMs).padStart(12)}  ${work.padStart(12)}  ${file}\n`);
  }
}

/** Whether a run waited or worked. */
function printWork(outcomes, { elapsedMs, processors }, out) {
  const workedMs = outcomes.reduce((sum, outcome) => sum + (outcome.workedMs ?? 0), 0);
  const had = processors === 1 ? 'a processor' : `${processors} processors`;
  out.write(
    `\nWork of all files, without the database that they share: ${formatDuration(workedMs)}, in ${formatDuration(elapsedMs)} of ${had}.\n`,
  );
}

/** Everything that a reader needs after a run; the closing line is the last. */
export function printSummary(outcomes, machine, out) {
  printSkips(outcomes, out);
  printFailures(outcomes, out);
  printSlowest(outcomes, out);
  printWork(outcomes, machine, out);
  const total = addUp(outcomes);
  out.write(`\n${closingLine(total)}\n`);
  return total;
}
