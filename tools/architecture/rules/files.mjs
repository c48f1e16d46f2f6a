import { createRule } from '../rule.mjs';

const LINES = { ts: 400, tsx: 500 };
const VAGUE = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'types', 'misc']);

export const size = createRule({
  name: `a file has at most ${LINES.ts} lines (${LINES.tsx} for a page of the console)`,
  because: 'a file is about one noun, and fits in a head',
  atLeast: 60,
  check(tree, { see, complain }) {
    for (const source of tree.sources) {
      if (source.isTest) continue;
      see(source);
      const limit = source.path.endsWith('.tsx') ? LINES.tsx : LINES.ts;
      const count = source.text.replace(/\n$/, '').split('\n').length;
      if (count > limit) complain(source, limit + 1, `has ${count} lines; ${limit} is the limit`);
    }
  },
  planted: [
    { at: 'apps/agent/src/a.ts', files: { 'apps/agent/src/a.ts': 'export {};\n'.repeat(LINES.ts + 1) } },
    {
      at: 'apps/console/src/a.tsx',
      files: { 'apps/console/src/a.tsx': 'export {};\n'.repeat(LINES.tsx + 1) },
    },
  ],
  allowed: [
    { 'apps/agent/src/a.ts': 'export {};\n'.repeat(LINES.ts) },
    { 'apps/agent/src/a.test.ts': 'export {};\n'.repeat(LINES.ts + 1) },
  ],
});

export const names = createRule({
  name: 'files are named after the noun in them, in kebab-case',
  because: 'a drawer called "utils" is where things get lost',
  atLeast: 60,
  check(tree, { see, complain }) {
    for (const source of tree.sources) {
      see(source);
      const stem = source.name.replace(/\.tsx?$/, '');
      if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(stem)) {
        complain(source, 1, 'is not in kebab-case');
      } else if (VAGUE.has(stem.split('.')[0])) {
        complain(source, 1, `is called "${stem}": name the thing that is in it`);
      }
    }
  },
  planted: [
    { at: 'apps/agent/src/utils.ts', files: { 'apps/agent/src/utils.ts': 'export {};' } },
    { at: 'apps/console/src/DevicePage.tsx', files: { 'apps/console/src/DevicePage.tsx': 'export {};' } },
  ],
  allowed: [{ 'apps/agent/src/version-range.test.ts': 'export {};' }],
});

const DOOR = /^(packages\/[^/]+\/src|apps\/[^/]+\/src\/(modules|platform)\/[^/]+)\/index\.ts$/;

export const introductions = createRule({
  name: 'a package or module starts with a paragraph',
  because: 'what it is for, what it promises and what it does not, before anything else',
  atLeast: 8,
  check(tree, { see, complain }) {
    for (const source of tree.sources) {
      if (!DOOR.test(source.path)) continue;
      see(source);
      const first = source.comments[0];
      const isFirst = first !== undefined && source.text.slice(0, first.start).trim() === '';
      const words = isFirst ? (first.value.match(/[\p{L}\p{N}]+/gu) ?? []).length : 0;
      if (!isFirst || first.type !== 'Block' || words < 15)
        complain(source, 1, 'does not start with a paragraph about itself');
    }
  },
  planted: [
    {
      at: 'packages/trust/src/index.ts',
      files: { 'packages/trust/src/index.ts': "export { a } from './a.ts';" },
    },
    {
      at: 'apps/server/src/modules/a/index.ts',
      files: { 'apps/server/src/modules/a/index.ts': '/** The a module. */\nexport {};' },
    },
  ],
  allowed: [
    {
      'apps/server/src/modules/a/index.ts':
        '/**\n * Keeps the list of things. Promises that each thing is there once. Does not promise an order, and does no I/O.\n */\nexport {};',
    },
  ],
});

export const promises = createRule({
  name: 'no TODO is left in the code',
  because: 'what is to be done stands in an issue, where somebody looks for it',
  atLeast: 60,
  check(tree, { see, complain }) {
    for (const source of tree.sources) {
      see(source);
      for (const comment of source.comments) {
        const word = /\b(TODO|FIXME|XXX|HACK)\b/.exec(comment.value)?.[1];
        if (word !== undefined) complain(source, source.lineAt(comment.start), `says ${word}`);
      }
    }
  },
  planted: [{ at: 'apps/agent/src/a.ts', files: { 'apps/agent/src/a.ts': '// TODO: later\nexport {};' } }],
  allowed: [{ 'apps/agent/src/a.ts': "export const a = 'TODO';" }],
});
