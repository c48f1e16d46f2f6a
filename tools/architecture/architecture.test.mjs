import assert from 'node:assert/strict';
import { test } from 'node:test';

import { here } from '../setup/place.mjs';
import { findBlindSpots } from './control.mjs';
import { createRule } from './rule.mjs';
import { rules } from './rules/index.mjs';
import { classify } from './source.mjs';
import { loadTree } from './tree.mjs';

for (const rule of rules) {
  test(`the rule "${rule.name}" sees every violation planted for it and allows what is allowed`, () => {
    assert.deepEqual(findBlindSpots(rule), []);
  });
}

test('a rule that sees nothing does not pass its own control', () => {
  const blind = createRule({
    name: 'blind',
    because: 'for this test',
    atLeast: 1,
    check: () => {},
    planted: [{ at: 'apps/agent/src/a.ts', files: { 'apps/agent/src/a.ts': 'export {};' } }],
    allowed: [],
  });
  assert.equal(findBlindSpots(blind).length, 1);
});

test('the tree that is checked holds every package and app', () => {
  const units = new Set(loadTree(here.root).sources.map((source) => source.unit));
  for (const unit of [
    'packages/kernel',
    'packages/trust',
    'apps/server',
    'apps/agent',
    'apps/cli',
    'apps/console',
  ]) {
    assert.ok(units.has(unit), unit);
  }
});

test('a path says what a file is', () => {
  const store = classify('apps/server/src/modules/directory/directory.store.ts');
  assert.deepEqual(
    [store.unit, store.layer, store.module, store.role],
    ['apps/server', 'modules', 'directory', 'store'],
  );
  assert.equal(classify('apps/server/src/modules/directory/tree.test.ts').isProduct, false);
  assert.equal(classify('apps/server/src/main.ts').layer, 'main');
  assert.equal(classify('apps/server/src/processes/backup.main.ts').layer, 'main');
  assert.equal(classify('apps/server/src/processes/listen.ts').layer, 'processes');
  assert.equal(classify('e2e/start.test.ts').isProduct, false);
});
