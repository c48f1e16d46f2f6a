import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { runCommand } from '../setup/command.mjs';
import { here } from '../setup/place.mjs';
import { runtimeEnvironment, toolCommand } from '../setup/tool.mjs';

/** Violations that only work when the linter resolves imports and knows types. */
const PLANTED = {
  'a.ts': "import { b } from './b.ts';\nexport const a = b;\n",
  'b.ts': "import { a } from './a.ts';\nexport const b: number = a;\n",
  'promise.ts': 'async function work(): Promise<void> {}\nwork();\n',
  'misused.ts': 'declare function each(visit: () => void): void;\neach(async () => {});\n',
  'any.ts': 'export const c: any = 1;\n',
  'builtin.ts': "import fs from 'fs';\nfs.readFileSync('a');\n",
  'fine.ts':
    'export async function work(): Promise<number> {\n  return 1;\n}\nexport const done = await work();\n',
};

let folder = '';
let output = '';

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
  mkdirSync(join(folder, 'src'));
  for (const [name, text] of Object.entries(PLANTED)) writeFileSync(join(folder, 'src', name), text);
  const settings = {
    extends: join(here.root, 'tsconfig.base.json'),
    compilerOptions: { types: [] },
    include: ['src'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const { file, args } = toolCommand(here, 'oxlint');
  const environment = runtimeEnvironment(here);
  const env = { ...environment, PATH: `${join(here.modules, '.bin')}:${environment.PATH}` };
  const config = ['-c', join(here.root, '.oxlintrc.json'), '--type-aware', '-f', 'unix', '.'];
  ({ output } = await runCommand(file, [...args, ...config], { cwd: folder, env }));
});

after(() => rmSync(folder, { recursive: true, force: true }));

for (const [name, rule] of [
  ['a.ts', 'no-cycle'],
  ['promise.ts', 'no-floating-promises'],
  ['misused.ts', 'no-misused-promises'],
  ['any.ts', 'no-explicit-any'],
  ['builtin.ts', 'no-restricted-imports'],
]) {
  test(`the linter, as it is configured, sees ${rule}`, () => {
    const line = output.split('\n').find((text) => text.includes(`${name}:`) && text.includes(rule));
    assert.ok(line !== undefined, output);
  });
}

test('the linter has nothing against a file without fault', () => {
  assert.ok(!output.includes('fine.ts'), output);
});
