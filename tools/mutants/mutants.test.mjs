import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { createPlace, here } from '../setup/place.mjs';
import { createCopy } from './copy.mjs';
import { parseFaultList, readFaultLists, selectFaults } from './fault-list.mjs';
import { findSyntaxError, plant } from './planting.mjs';
import { createTestRun } from './test-run.mjs';
import { describeVerdict, exitCodeOf, judgeFaults, summarize } from './verdict.mjs';

// A small clone

const RULE = 'packages/kernel/src/rule.ts';
const TESTS = ['apps/server'];
const FILES = {
  '.gitignore': 'node_modules/\n.runtime/\n.cache/\n',
  'package.json': '{ "type": "module" }\n',
  'packages/kernel/package.json':
    '{ "name": "@holdfast/kernel", "type": "module", "exports": { ".": "./src/rule.ts" } }\n',
  [RULE]:
    "export const isAdult = (age: number): boolean => age >= 18;\nexport const greet = (): string => 'Hello';\n",
  'apps/server/src/door.test.ts':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { isAdult } from '@holdfast/kernel';\ntest('who may come in', () => {\n  assert.equal(isAdult(18), true);\n  assert.equal(isAdult(17), false);\n});\n",
};
const older = {
  list: 'tools/mutants/faults/door.json',
  file: RULE,
  find: 'age >= 18',
  replace: 'age > 18',
  notice: 'Whoever is eighteen is turned away.',
  tests: TESTS,
};

let root = '';
let copy;
let place;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-mutants-'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  place = createPlace(root);
  mkdirSync(place.runtime);
  symlinkSync(here.runtimePackage, place.runtimePackage);
  mkdirSync(join(place.modules, '@holdfast'), { recursive: true });
  symlinkSync('../../packages/kernel', join(place.modules, '@holdfast', 'kernel'));
  execFileSync('git', ['-C', root, 'init', '--quiet']);
  copy = await createCopy(place);
});
after(() => {
  copy.remove();
  rmSync(root, { recursive: true, force: true });
});

async function judge(...faults) {
  const heard = [];
  const verdicts = await judgeFaults(faults, {
    copy,
    runTests: createTestRun(place, copy),
    onVerdict: (verdict) => heard.push(verdict),
  });
  assert.deepEqual(heard, verdicts);
  return verdicts;
}

test('a fault is noticed or not by the tests of the copy, and the clone never has it', async () => {
  const polite = { ...older, find: "'Hello'", replace: "'Go away'", notice: 'People are insulted.' };
  const verdicts = await judge(
    older,
    polite,
    { ...older, find: 'age > 21' },
    { ...older, replace: 'age >= (' },
  );
  assert.deepEqual(
    verdicts.map(({ state }) => state),
    ['noticed', 'not-noticed', 'does-not-apply', 'does-not-compile'],
  );
  assert.deepEqual(verdicts[0].by, ['apps/server/src/door.test.ts: who may come in']);
  assert.match(verdicts[2].message, /not in the file any more/);
  assert.equal(readFileSync(join(root, RULE), 'utf8'), FILES[RULE]);
  assert.equal(copy.read(RULE), FILES[RULE], 'the copy is as it was for the next one');
  const told = verdicts.map(describeVerdict).join('');
  assert.match(told, /✔ noticed {2}packages\/kernel\/src\/rule\.ts {2}Whoever is eighteen/);
  assert.match(told, /✖ not noticed .*insulted/);
  assert.match(told, /! did not apply/);
  assert.equal(summarize(verdicts), '1 of 2 faults were noticed (50 %), 1 did not apply, 1 did not compile.');
  assert.equal(exitCodeOf(verdicts), 2);
});

test('the exit status tells a fault that nothing notices from a list that is to be mended', () => {
  const of = (...states) => exitCodeOf(states.map((state) => ({ state })));
  assert.equal(of('noticed', 'noticed'), 0);
  assert.equal(of('noticed', 'not-noticed'), 1);
  assert.equal(of('not-noticed', 'does-not-apply'), 2);
  assert.equal(of('does-not-compile'), 2);
});

test('tests that fail without a fault prove nothing, and are said first', async () => {
  copy.write(RULE, FILES[RULE].replace('18', '21'));
  try {
    await assert.rejects(judge({ ...older, find: "'Hello'", replace: "'Hi'" }), {
      name: 'SetupFault',
      message: /door\.test\.ts fails without any fault/,
    });
  } finally {
    copy.write(RULE, FILES[RULE]);
  }
});

test('tests that are nowhere are an error, and no fault that nothing noticed', async () => {
  await assert.rejects(judge({ ...older, tests: ['apps/nowhere'] }), { message: /No test file matches/ });
});

test('a copy is gone with its process, or with the next one that makes a copy', async () => {
  const folder = join(root, '.cache', 'mutants');
  const abandoned = join(folder, '999999999-abc');
  mkdirSync(abandoned);
  const later = await createCopy(place);
  assert.equal(existsSync(abandoned), false);
  assert.equal(readdirSync(folder).length, 2, 'the one of a process that runs stays');
  later.remove();
  assert.equal(existsSync(later.place.root), false);
  assert.equal(copy.read(RULE), FILES[RULE]);
});

test('a text is replaced where it stands once, to the letter, and nowhere else', () => {
  assert.deepEqual(plant('a b c', { find: 'b', replace: '$& $1' }), { text: 'a $& $1 c' });
  assert.equal(plant('a b b', { find: 'b', replace: 'x' }).state, 'does-not-apply');
  assert.match(plant('a b b', { find: 'b', replace: 'x' }).message, /2 times/);
  assert.equal(plant('a', { find: 'b', replace: 'x' }).state, 'does-not-apply');
});

test('what is no program does not compile; what is no code is not looked at', async () => {
  assert.equal(await findSyntaxError('a.ts', 'const a: number = 1;'), undefined);
  assert.equal(await findSyntaxError('a.tsx', 'const a = <p>1</p>;'), undefined);
  assert.notEqual(await findSyntaxError('a.ts', 'const a = ;'), undefined);
  assert.equal(await findSyntaxError('a.sql', 'select ;'), undefined);
});

test('a list says which file, which text, what a user would notice and which tests should', () => {
  const fault = { file: 'a.ts', find: 'a', replace: 'b', notice: 'It is wrong.' };
  const parse = (list) => parseFaultList('x.json', JSON.stringify(list));
  assert.deepEqual(parse({ tests: ['a'], faults: [fault] }), [{ list: 'x.json', ...fault, tests: ['a'] }]);
  assert.deepEqual(parse({ faults: [{ ...fault, tests: ['b'] }] })[0].tests, ['b']);
  for (const [list, reason] of [
    [null, /"faults" is missing/],
    [{ tests: ['a'], faults: [fault], more: 1 }, /no "more"/],
    [{ tests: ['a'], faults: [null] }, /fault 1 is no object/],
    [{ tests: ['a'], faults: [fault, { ...fault, find: undefined }] }, /fault 2 has no "find"/],
    [{ tests: ['a'], faults: [{ ...fault, find: '' }] }, /empty/],
    [{ tests: ['a'], faults: [{ ...fault, replace: 'a' }] }, /changes nothing/],
    [{ tests: ['a'], faults: [{ ...fault, severity: 1 }] }, /no "severity"/],
    [{ faults: [fault] }, /which tests/],
    [{ tests: [], faults: [fault] }, /which tests/],
  ]) {
    assert.throws(() => parse(list), { name: 'SetupFault', message: reason });
  }
  assert.throws(() => parseFaultList('x.json', '{'), { name: 'SetupFault' });
});

test('faults are chosen by a part of the path of their file or of their list', () => {
  const faults = [older, { ...older, file: 'apps/agent/src/a.ts', list: 'tools/mutants/faults/agent.json' }];
  assert.deepEqual(selectFaults(faults, []), faults);
  assert.deepEqual(selectFaults(faults, ['faults/agent']), [faults[1]]);
  assert.deepEqual(selectFaults(faults, ['kernel/src']), [faults[0]]);
  assert.throws(() => selectFaults(faults, ['nothing']), { name: 'SetupFault', remedy: /door\.json/ });
});

test('the lists of this clone can be read', () => {
  const faults = readFaultLists(here.root);
  assert.ok(faults.length > 100);
  for (const { notice } of faults) assert.match(notice, /\.$/, notice);
});
