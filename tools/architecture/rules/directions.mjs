import { classify } from '../source.mjs';
import { createImportRule, packageOf } from '../rule.mjs';

const LIBRARIES = ['components', 'file-encryption', 'disk-encryption'];
const ALL = ['kernel', 'protocol', 'api', 'trust', ...LIBRARIES];

/** Which of our packages each unit may import. What is not in the table may import nothing of ours. */
const DIRECTIONS = {
  'packages/kernel': [],
  'packages/protocol': ['kernel'],
  'packages/api': ['kernel'],
  'packages/trust': ['kernel'],
  'packages/components': ['kernel', 'trust', 'protocol'],
  'packages/file-encryption': ['kernel', 'trust', 'protocol'],
  'packages/disk-encryption': ['kernel', 'trust', 'protocol'],
  'packages/testkit': ALL,
  'apps/server': ALL,
  'apps/agent': ALL.filter((name) => name !== 'api'),
  'apps/preboot': ALL.filter((name) => name !== 'api'),
  'apps/cli': ALL,
  'apps/console': ['kernel', 'api'],
};

const THIRD_PARTY = {
  'packages/kernel': [],
  'packages/protocol': ['typebox'],
  'packages/api': ['typebox'],
  'packages/trust': ['@peculiar/x509', 'reflect-metadata'],
  'packages/components': ['@tufjs/models'],
};

const IO_MODULES =
  /^node:(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|os|process|readline|repl|sqlite|timers)(\/|$)/;

/** Further entry points that a package declares in its `exports`. */
const DOORS = new Set([
  '@holdfast/trust/certificates',
  '@holdfast/protocol/parameters',
  '@holdfast/components/client',
  '@holdfast/components/increments',
  '@holdfast/components/repository',
  '@holdfast/components/transfer',
]);

/** What a unit may import although it may not import the package. */
const OPEN_DOORS = { 'apps/console': ['@holdfast/protocol/parameters'] };

export const directions = createImportRule({
  name: 'packages are imported in one direction',
  because:
    'kernel ← protocol, api, trust ← the rest ← apps; the console knows only kernel, api and how parameters are checked',
  atLeast: 30,
  judge(source, imported) {
    const match = /^@holdfast\/([^/]+)(\/.*)?$/.exec(imported.specifier);
    if (match === null || !source.unit.includes('/')) return undefined;
    const [, name, below] = match;
    if (below !== undefined && !DOORS.has(imported.specifier))
      return `imports ${imported.specifier}: a package is entered by its name or by an entry point that it exports`;
    if (name === 'testkit') return undefined;
    if (DIRECTIONS[source.unit]?.includes(name) === true) return true;
    if (OPEN_DOORS[source.unit]?.includes(imported.specifier) === true) return true;
    return `${source.unit} must not import @holdfast/${name}`;
  },
  planted: [
    {
      at: 'packages/kernel/src/a.ts',
      files: { 'packages/kernel/src/a.ts': "import { b } from '@holdfast/trust';\nb();" },
    },
    {
      at: 'apps/console/src/a.ts',
      files: { 'apps/console/src/a.ts': "import type { B } from '@holdfast/trust';\nexport type A = B;" },
    },
    {
      at: 'apps/console/dev/a.ts',
      files: { 'apps/console/dev/a.ts': "import { b } from '@holdfast/trust';\nb();" },
    },
    {
      at: 'apps/console/src/b.ts',
      files: { 'apps/console/src/b.ts': "import { c } from '@holdfast/protocol';\nc();" },
    },
    {
      at: 'packages/api/src/b.ts',
      files: { 'packages/api/src/b.ts': "import { c } from '@holdfast/protocol/parameters';\nc();" },
    },
    {
      at: 'apps/agent/src/a.ts',
      files: { 'apps/agent/src/a.ts': "export const a = await import('@holdfast/api');" },
    },
    { at: 'apps/cli/src/a.ts', files: { 'apps/cli/src/a.ts': "export { main } from '@holdfast/server';" } },
    {
      at: 'apps/cli/src/a.ts',
      files: { 'apps/cli/src/a.ts': "import { a } from '@holdfast/api/src/a.ts';\na();" },
    },
    {
      at: 'apps/cli/src/a.ts',
      files: { 'apps/cli/src/a.ts': "export type A = import('@holdfast/console').A;" },
    },
  ],
  allowed: [
    { 'apps/server/src/a.ts': "import { b } from '@holdfast/trust';\nb();" },
    { 'apps/server/src/a.ts': "import { b } from '@holdfast/trust/certificates';\nb();" },
    { 'apps/console/src/a.ts': "import { b } from '@holdfast/protocol/parameters';\nb();" },
    {
      'packages/kernel/src/a.ts':
        "// import { b } from '@holdfast/trust';\nexport const a = \"import '@holdfast/api'\";",
    },
  ],
});

export const boundaries = createImportRule({
  name: 'no path leads out of a package or app',
  because: 'what is shared has a package with an entry point; an app never imports another app',
  atLeast: 100,
  judge(source, imported) {
    if (imported.target === undefined || !source.unit.includes('/')) return undefined;
    if (imported.target.startsWith(`${source.unit}/`)) return true;
    return `imports ${imported.specifier}, which lies outside ${source.unit}`;
  },
  planted: [
    {
      at: 'apps/cli/src/a.ts',
      files: {
        'apps/cli/src/a.ts': "import { b } from '../../server/src/b.ts';\nb();",
        'apps/server/src/b.ts': 'export const b = 1;',
      },
    },
  ],
  allowed: [{ 'apps/cli/src/a.ts': "import { b } from './b/c.ts';\nb();" }],
});

export const thirdParty = createImportRule({
  name: 'the inner packages keep few friends',
  because: 'kernel leans on nothing; protocol and api on TypeBox; trust on x509, and it does no I/O',
  atLeast: 5,
  judge(source, imported) {
    const allowed = THIRD_PARTY[source.unit];
    if (allowed === undefined || source.isTest || imported.target !== undefined) return undefined;
    const { specifier } = imported;
    if (specifier.startsWith('@holdfast/')) return undefined;
    if (specifier.startsWith('node:')) {
      if (source.unit === 'packages/api') return `imports ${specifier}: browsers read this package too`;
      if (source.unit === 'packages/trust' && IO_MODULES.test(specifier))
        return `imports ${specifier}: trust does no I/O`;
      return true;
    }
    return allowed.includes(packageOf(specifier)) || `${source.unit} must not import ${specifier}`;
  },
  planted: [
    {
      at: 'packages/kernel/src/a.ts',
      files: { 'packages/kernel/src/a.ts': "import { Type } from 'typebox';\nType.Null();" },
    },
    {
      at: 'packages/trust/src/a.ts',
      files: { 'packages/trust/src/a.ts': "import { SignJWT } from 'jose';\nnew SignJWT();" },
    },
    {
      at: 'packages/trust/src/a.ts',
      files: { 'packages/trust/src/a.ts': "import { readFileSync } from 'node:fs';\nreadFileSync('a');" },
    },
    {
      at: 'packages/api/src/a.ts',
      files: { 'packages/api/src/a.ts': "import { randomBytes } from 'node:crypto';\nrandomBytes(1);" },
    },
  ],
  allowed: [
    { 'packages/api/src/a.ts': "import { Type } from 'typebox';\nType.Null();" },
    {
      'packages/trust/src/a.ts':
        "import { createHash } from 'node:crypto';\nimport * as x509 from '@peculiar/x509';\ncreateHash(x509);",
    },
  ],
});

export const testOnly = createImportRule({
  name: 'the testkit and test files are imported by tests alone',
  because: 'fakes and test keys must not be able to reach a release',
  atLeast: 3,
  judge(source, imported) {
    const isTestkit = packageOf(imported.specifier) === '@holdfast/testkit';
    const isTestFile = imported.target !== undefined && classify(imported.target).isTest;
    if (!isTestkit && !isTestFile) return undefined;
    return !source.isProduct || `imports ${imported.specifier}, which is for tests`;
  },
  planted: [
    {
      at: 'apps/server/src/a.ts',
      files: { 'apps/server/src/a.ts': "import { fake } from '@holdfast/testkit';\nfake();" },
    },
    {
      at: 'apps/server/src/a.ts',
      files: {
        'apps/server/src/a.ts': "import { b } from './b.testing.ts';\nb();",
        'apps/server/src/b.testing.ts': 'export const b = 1;',
      },
    },
  ],
  allowed: [{ 'apps/server/src/a.test.ts': "import { fake } from '@holdfast/testkit';\nfake();" }],
});
