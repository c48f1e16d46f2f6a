import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { here } from '../../setup/place.mjs';
import { createRule } from '../rule.mjs';
import { walk } from '../source.mjs';

const HEADING = '## Words that no name uses';

/** What the glossary says about words that no name uses: each with what is said instead. */
function readWords(glossary) {
  const [, section = ''] = glossary.split(`${HEADING}\n`);
  const [table = ''] = section.split('\n## ');
  const rows = table
    .split('\n')
    .flatMap((line) => /^\| ([a-z, ]+) \| (.+) \|$/.exec(line)?.slice(1, 3) ?? []);
  const words = new Map();
  for (let place = 0; place < rows.length; place += 2) {
    for (const word of rows[place].split(', ')) words.set(word, rows[place + 1]);
  }
  return words;
}

const words = readWords(readFileSync(join(here.root, 'docs/glossary.md'), 'utf8'));

/** The words of a name: `ProofDesk` and `proofDesk` are "proof" and "desk". */
function wordsOf(name) {
  return name.split(/(?<=[a-z0-9])(?=[A-Z])|_/).map((word) => word.toLowerCase());
}

function namesOf(declaration) {
  if (declaration?.id?.name !== undefined) return [declaration.id.name];
  return (declaration?.declarations ?? []).flatMap(({ id }) => id.name ?? []);
}

export const vocabulary = createRule({
  name: 'exported names use the words of the field',
  because: 'whoever knows the field finds a thing by its name; docs/glossary.md says which words are used',
  atLeast: 1_000,
  check(tree, { see, complain }) {
    for (const source of tree.sources) {
      if (!source.isProduct) continue;
      walk(source.program, (node) => {
        if (node.type !== 'ExportNamedDeclaration') return;
        for (const name of namesOf(node.declaration)) {
          see(source);
          // Icons are called as their makers call them.
          if (/^Icon[A-Z]/.test(name)) continue;
          const word = wordsOf(name).find((one) => words.has(one));
          if (word !== undefined)
            complain(
              source,
              source.lineAt(node.start),
              `exports ${name}: for "${word}" say ${words.get(word)}`,
            );
        }
      });
    }
  },
  planted: [
    { at: 'apps/agent/src/a.ts', files: { 'apps/agent/src/a.ts': 'export class ProofDesk {}' } },
    { at: 'packages/trust/src/a.ts', files: { 'packages/trust/src/a.ts': 'export const openDoor = 1;' } },
    { at: 'apps/cli/src/a.ts', files: { 'apps/cli/src/a.ts': 'export interface ReportBasket {}' } },
  ],
  allowed: [
    { 'apps/agent/src/a.ts': 'export class DesktopGateway {}\nconst door = 1;\nexport const frame = door;' },
    { 'apps/agent/src/a.test.ts': 'export const desk = 1;' },
  ],
});
