import { createRule } from '../rule.mjs';
import { walk } from '../source.mjs';

/** "a.b" for a plain member access, else undefined. */
function nameOf(node) {
  if (node?.type !== 'MemberExpression' || node.object?.type !== 'Identifier') return undefined;
  if (node.computed) return undefined;
  return `${node.object.name}.${node.property.name}`;
}

/** A rule that looks at every node of the files it is about. */
function createNodeRule({ concerns, find, ...rest }) {
  return createRule({
    ...rest,
    check(tree, { see, complain }) {
      for (const source of tree.sources) {
        if (!concerns(source)) continue;
        see(source);
        walk(source.program, (node) => {
          const message = find(node, source);
          if (message !== undefined) complain(source, source.lineAt(node.start), message);
        });
      }
    },
  });
}

function isEdge(source) {
  return source.layer === 'main' || source.layer === 'platform' || source.name === 'clock.ts';
}

export const time = createNodeRule({
  name: 'clock and chance are injected',
  because: 'tests own the time; a deadline never hangs on a clock that nobody can set',
  atLeast: 50,
  concerns: (source) => source.isProduct && !isEdge(source),
  find(node) {
    const name = nameOf(node);
    if (name === 'Date.now' || name === 'Math.random') return `${name} outside platform, main and clock.ts`;
    const isDate = node.callee?.type === 'Identifier' && node.callee.name === 'Date';
    if (isDate && node.type === 'CallExpression') return 'Date() outside platform, main and clock.ts';
    if (isDate && node.type === 'NewExpression' && node.arguments.length === 0) {
      return 'new Date() without an argument outside platform, main and clock.ts';
    }
    return undefined;
  },
  planted: [
    { at: 'packages/trust/src/a.ts', files: { 'packages/trust/src/a.ts': 'export const a = Date.now();' } },
    {
      at: 'apps/server/src/modules/a/a.ts',
      files: { 'apps/server/src/modules/a/a.ts': 'export const a = new Date();' },
    },
    {
      at: 'apps/console/src/a.tsx',
      files: { 'apps/console/src/a.tsx': 'export const A = () => <b>{Math.random()}</b>;' },
    },
  ],
  allowed: [
    { 'packages/trust/src/a.ts': '// Date.now()\nexport const a = (ms: number) => new Date(ms);' },
    { 'packages/trust/src/a.test.ts': 'export const a = Date.now();' },
    { 'apps/server/src/platform/clock.ts': 'export const a = Date.now();' },
  ],
});

export const environment = createNodeRule({
  name: 'only main.ts and config.ts read the environment',
  because: 'a setting that is read elsewhere is checked nowhere',
  atLeast: 50,
  concerns: (source) => source.isProduct && source.layer !== 'main' && source.layer !== 'config',
  find(node) {
    if (nameOf(node) === 'process.env') return 'process.env outside main.ts and config.ts';
    if (node.type === 'ImportSpecifier' && node.imported?.name === 'env')
      return 'imports env of node:process';
    return undefined;
  },
  planted: [
    {
      at: 'apps/server/src/app.ts',
      files: { 'apps/server/src/app.ts': "export const home = process.env['HOME'];" },
    },
    {
      at: 'packages/api/src/a.ts',
      files: { 'packages/api/src/a.ts': "import { env } from 'node:process';\nexport const a = env['A'];" },
    },
  ],
  allowed: [
    { 'apps/server/src/config/config.ts': "export const home = process.env['HOME'];" },
    { 'apps/server/src/main.ts': 'export const env = process.env;' },
  ],
});

export const printing = createNodeRule({
  name: 'nothing prints but the command line',
  because: 'what a server or an agent has to say goes to its log, with a level and without secrets',
  atLeast: 50,
  concerns: (source) => source.isProduct && source.unit !== 'apps/cli',
  find(node) {
    const name = nameOf(node);
    return name?.startsWith('console.') === true ? `${name} outside the command line` : undefined;
  },
  planted: [
    { at: 'apps/agent/src/a.ts', files: { 'apps/agent/src/a.ts': "console.log('a');" } },
    { at: 'apps/console/src/a.ts', files: { 'apps/console/src/a.ts': "console.error('a');" } },
  ],
  allowed: [{ 'apps/cli/src/a.ts': "console.log('a');" }],
});

const SHELLS = new Set(['exec', 'execSync']);
const BLOCKING = new Set(['argon2Sync', 'pbkdf2Sync', 'scryptSync']);

export const processes = createNodeRule({
  name: 'no shell, and no slow hash on the event loop',
  because: 'a shell string is one quote away from running data; a slow hash stops every other request',
  atLeast: 50,
  concerns: (source) => source.isProduct,
  find(node) {
    const imported = node.type === 'ImportSpecifier' ? node.imported?.name : undefined;
    if (SHELLS.has(imported)) return `${imported} takes a shell string: use spawn or execFile with arguments`;
    const called = node.property?.name;
    const blocking = [imported, called].find((name) => BLOCKING.has(name));
    if (blocking !== undefined) return `${blocking} blocks the event loop: use its async form`;
    const isShell = node.type === 'Property' && node.key?.name === 'shell' && node.value?.type === 'Literal';
    if (isShell && node.value.value !== false) return 'spawns through a shell';
    return undefined;
  },
  planted: [
    {
      at: 'apps/agent/src/a.ts',
      files: { 'apps/agent/src/a.ts': "import { exec } from 'node:child_process';\nexec('ls');" },
    },
    {
      at: 'apps/agent/src/a.ts',
      files: {
        'apps/agent/src/a.ts':
          "import { spawn } from 'node:child_process';\nspawn('ls', [], { shell: true });",
      },
    },
    {
      at: 'packages/trust/src/a.ts',
      files: {
        'packages/trust/src/a.ts': "import * as crypto from 'node:crypto';\ncrypto.scryptSync('a', 'b', 1);",
      },
    },
  ],
  allowed: [
    {
      'apps/agent/src/a.ts':
        "import { execFile } from 'node:child_process';\nexecFile('ls', ['-l']);\n/a/.exec('a');",
    },
  ],
});

export const exports = createNodeRule({
  name: 'exports have names',
  because: 'one thing has one name everywhere, and a search finds all of it',
  atLeast: 50,
  concerns: (source) => source.isProduct || source.isTest,
  find(node) {
    return node.type === 'ExportDefaultDeclaration' ? 'has a default export' : undefined;
  },
  planted: [{ at: 'apps/agent/src/a.ts', files: { 'apps/agent/src/a.ts': 'export default 1;' } }],
  allowed: [{ 'apps/console/vite.config.ts': 'export default {};' }],
});
