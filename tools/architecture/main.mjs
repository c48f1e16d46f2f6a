// The architecture test: first proves that every rule still sees, then applies the rules to this clone.
import { here } from '../setup/place.mjs';
import { findBlindSpots } from './control.mjs';
import { rules } from './rules/index.mjs';
import { loadTree } from './tree.mjs';

const tree = loadTree(here.root);
let faults = 0;
for (const rule of rules) {
  const { seen, violations } = rule.check(tree);
  const lines = findBlindSpots(rule).map((fault) => `the rule itself: ${fault}`);
  if (seen < rule.atLeast) {
    lines.push(
      `the rule itself: it looked at ${seen} places; fewer than ${rule.atLeast} means that it is blind`,
    );
  }
  for (const { path, line, message } of violations) lines.push(`${path}:${line}: ${message}`);
  if (lines.length === 0) continue;
  faults += lines.length;
  process.stdout.write(`\n${rule.name} (${rule.because})\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
process.stdout.write(`\n${rules.length} rules, ${tree.sources.length} files, ${faults} violations.\n`);
process.exitCode = faults === 0 ? 0 : 1;
