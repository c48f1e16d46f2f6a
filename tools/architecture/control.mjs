import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { loadTree } from './tree.mjs';

function withTree(files, work) {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-architecture-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return work(loadTree(root));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * The positive control: plants each violation of a rule in a tree of its own and says where the rule did not
 * see it, or saw one where there is none. An empty list means that the rule works.
 */
export function findBlindSpots(rule) {
  const faults = [];
  if (rule.planted.length === 0) faults.push('it has no planted violation');
  for (const { files, at } of rule.planted) {
    const { violations } = withTree(files, rule.check);
    if (!violations.some((violation) => violation.path === at))
      faults.push(`it does not see the violation in ${at}`);
  }
  for (const files of rule.allowed) {
    const { violations } = withTree(files, rule.check);
    for (const { path, message } of violations)
      faults.push(`it complains about an allowed ${path}: ${message}`);
  }
  return faults;
}
