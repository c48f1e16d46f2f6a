import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

import { formatDuration } from '../setup/step.mjs';
import { runtimeEnvironment } from '../setup/tool.mjs';
import { runFile, testEnvironment } from './file-run.mjs';
import { addUp, closingLine } from './outcome.mjs';

function describe(outcome) {
  const parts = [];
  if (outcome.passed > 0) parts.push(`${outcome.passed} passed`);
  if (outcome.failed > 0) parts.push(`${outcome.failed} failed`);
  if (outcome.skipped > 0) parts.push(`${outcome.skipped} skipped`);
  const mark = outcome.failed > 0 ? '✖' : outcome.passed > 0 ? '✔' : '-';
  const note = outcome.hasLeftovers ? '  (left processes behind; they were ended)' : '';
  return `${mark} ${outcome.file}  ${parts.join(', ')}  (${formatDuration(outcome.durationMs)})${note}`;
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
  for (const { file, failures, output } of failed) {
    out.write(`\n✖ ${file}\n`);
    for (const { path, line, error } of failures) {
      out.write(`\n  ${path.join(' › ')}${line === undefined ? '' : `  (line ${line})`}\n${indent(error)}\n`);
    }
    const said = output.trimEnd();
    if (said !== '') out.write(`\n  It printed:\n${indent(said.split('\n').slice(-60).join('\n'))}\n`);
  }
}

/** Runs the groups one after the other, files within a group side by side, and prints everything that a reader needs. */
export async function runGroups(
  place,
  groups,
  { namePattern, jobs, broken = [], out = process.stdout } = {},
) {
  const temporary = mkdtempSync(join(tmpdir(), 'hf-'));
  // Tests that act as another user need to write here as well.
  chmodSync(temporary, 0o1777);
  const reports = mkdtempSync(join(tmpdir(), 'hf-reports-'));
  const env = runtimeEnvironment(place, testEnvironment(temporary));
  const outcomes = [...broken];
  try {
    for (const group of groups) {
      const queue = [...group.files];
      const width = group.isSerial ? 1 : (jobs ?? Math.min(4, availableParallelism()));
      const work = async () => {
        for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
          const reportPath = join(reports, `${file.replaceAll('/', '+')}.jsonl`);
          const outcome = await runFile(place, file, {
            env,
            limitSeconds: group.limitSeconds,
            reportPath,
            namePattern,
          });
          outcomes.push(outcome);
          out.write(`${describe(outcome)}\n`);
        }
      };
      await Promise.all(Array.from({ length: width }, work));
    }
  } finally {
    rmSync(reports, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
  printSkips(outcomes, out);
  printFailures(outcomes, out);
  const total = addUp(outcomes);
  out.write(`\n${closingLine(total)}\n`);
  return total;
}
