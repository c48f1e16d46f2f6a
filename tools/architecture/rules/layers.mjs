import { classify } from '../source.mjs';
import { createImportRule, packageOf } from '../rule.mjs';

export const layers = createImportRule({
  name: 'inside an app: main → app → modules → platform',
  because: 'what lies below does not know what lies above it',
  atLeast: 20,
  judge(source, imported) {
    if (imported.target === undefined) return undefined;
    const target = classify(imported.target);
    // Its tests too: what a test of the platform needs lies beside it.
    if (source.layer === 'platform' && target.layer === 'testing')
      return 'platform must not import what tests of modules share';
    if (
      !source.isProduct ||
      target.unit !== source.unit ||
      (source.layer !== 'modules' && source.layer !== 'platform')
    )
      return undefined;
    if (target.layer === 'main' || target.layer === 'app')
      return `${source.layer} must not import ${target.name}`;
    if (source.layer === 'platform' && target.layer === 'modules') return 'platform must not import a module';
    return true;
  },
  planted: [
    {
      at: 'apps/server/src/platform/http/a.ts',
      files: {
        'apps/server/src/platform/http/a.ts':
          "import type { B } from '../../modules/b/index.ts';\nexport type A = B;",
      },
    },
    {
      at: 'apps/server/src/modules/b/a.ts',
      files: { 'apps/server/src/modules/b/a.ts': "import { app } from '../../app.ts';\napp();" },
    },
    {
      at: 'apps/server/src/platform/jobs/a.test.ts',
      files: {
        'apps/server/src/platform/jobs/a.test.ts': "import { b } from '../../testing/b.ts';\nb();",
      },
    },
  ],
  allowed: [{ 'apps/server/src/app.ts': "import { b } from './modules/b/index.ts';\nb();" }],
});

export const entryPoints = createImportRule({
  name: 'a module is entered through its index.ts, and put in a list by its x.module.ts',
  because: 'the index is what a module promises; everything behind it may change',
  atLeast: 10,
  judge(source, imported) {
    if (imported.target === undefined) return undefined;
    const target = classify(imported.target);
    if (target.module === undefined || target.unit !== source.unit || target.module === source.module)
      return undefined;
    const isAtTop = imported.target.split('/').length === 6;
    const isListed = target.name === `${target.module}.module.ts` && source.module === undefined;
    const isEntryPoint = isAtTop && (target.name === 'index.ts' || isListed);
    return (
      isEntryPoint ||
      `imports ${imported.specifier}: enter the module "${target.module}" through its index.ts`
    );
  },
  planted: [
    {
      at: 'apps/server/src/modules/a/a.service.ts',
      files: { 'apps/server/src/modules/a/a.service.ts': "import { b } from '../b/b.service.ts';\nb();" },
    },
    {
      at: 'apps/agent/src/app.ts',
      files: { 'apps/agent/src/app.ts': "import { b } from './modules/b/deep/index.ts';\nb();" },
    },
    {
      at: 'apps/agent/src/modules/a/a.ts',
      files: { 'apps/agent/src/modules/a/a.ts': "import { b } from '../b/b.module.ts';\nb();" },
    },
  ],
  allowed: [
    { 'apps/agent/src/list.ts': "import { b } from './modules/b/b.module.ts';\nexport const list = [b];" },
    {
      'apps/server/src/modules/a/a.service.ts':
        "import { b } from '../b/index.ts';\nimport { c } from './c.ts';\nb(c);",
    },
  ],
});

/** Modules that `modules.ts` plugs together: each with those that it does not know. */
const SEPARATE = {
  datagrams: ['presence', 'notification'],
  presence: ['notification'],
  notification: ['presence'],
};

export const separateModules = createImportRule({
  name: 'who receives datagrams, who is alive and who is called are three modules',
  because: 'two that know each other are changed together; what passes between them is plugged in modules.ts',
  atLeast: 5,
  judge(source, imported) {
    if (!source.isProduct || source.unit !== 'apps/server' || imported.target === undefined) return undefined;
    const target = classify(imported.target);
    const unknown = SEPARATE[source.module];
    if (unknown === undefined || target.module === undefined || target.module === source.module)
      return undefined;
    return (
      !unknown.includes(target.module) ||
      `${source.module} must not know ${target.module}: modules.ts plugs it in`
    );
  },
  planted: [
    {
      at: 'apps/server/src/modules/notification/a.ts',
      files: {
        'apps/server/src/modules/notification/a.ts':
          "import type { B } from '../presence/index.ts';\nexport type A = B;",
      },
    },
    {
      at: 'apps/server/src/modules/datagrams/a.ts',
      files: {
        'apps/server/src/modules/datagrams/a.ts': "import { b } from '../presence/index.ts';\nb();",
      },
    },
  ],
  allowed: [
    { 'apps/server/src/modules/presence/a.ts': "import { b } from '../datagrams/index.ts';\nb();" },
    { 'apps/server/src/modules/datagrams/a.test.ts': "import { b } from '../presence/index.ts';\nb();" },
  ],
});

/** Inside a module: routes → service → rules and store. */
const MAY_NOT_SEE = {
  store: ['routes', 'service'],
  service: ['routes'],
  rules: ['routes', 'service', 'store'],
  errors: ['routes', 'service', 'store'],
};

export const roles = createImportRule({
  name: 'inside a module: routes → service → rules and store',
  because: 'rules stay pure, the store stays SQL, and neither knows who asks',
  atLeast: 10,
  judge(source, imported) {
    if (!source.isProduct || source.module === undefined || imported.target === undefined) return undefined;
    if (source.unit !== 'apps/server') return undefined;
    const target = classify(imported.target);
    if (target.module !== source.module) return undefined;
    if (imported.isTypeOnly) return true;
    return (
      !MAY_NOT_SEE[source.role]?.includes(target.role) || `${source.role} must not import the ${target.role}`
    );
  },
  planted: [
    {
      at: 'apps/server/src/modules/a/a.store.ts',
      files: { 'apps/server/src/modules/a/a.store.ts': "import { a } from './a.service.ts';\na();" },
    },
    {
      at: 'apps/server/src/modules/a/tree.ts',
      files: { 'apps/server/src/modules/a/tree.ts': "import { a } from './a.store.ts';\na();" },
    },
  ],
  allowed: [
    {
      'apps/server/src/modules/a/a.service.ts':
        "import { a } from './a.store.ts';\nimport { t } from './tree.ts';\na(t);",
    },
    { 'apps/server/src/modules/a/index.ts': "import { a } from './a.routes.ts';\na();" },
    { 'apps/server/src/modules/a/tree.ts': "import type { A } from './a.store.ts';\nexport type T = A;" },
  ],
});

function isDatabasePlatform(path) {
  return /^apps\/server\/src\/platform\/database(\/|\.)/.test(path);
}

export const sql = createImportRule({
  name: 'only stores and the database platform see SQL',
  because: 'every statement of a module is in one file, where it can be reviewed and its plan asserted',
  atLeast: 3,
  judge(source, imported) {
    if (!source.isProduct || !/^(kysely|pg|pg-copy-streams|postgres)$/.test(packageOf(imported.specifier)))
      return undefined;
    if (imported.isTypeOnly || source.role === 'store' || isDatabasePlatform(source.path)) return true;
    return `imports ${imported.specifier} outside a store`;
  },
  planted: [
    {
      at: 'apps/server/src/modules/a/a.service.ts',
      files: { 'apps/server/src/modules/a/a.service.ts': "import { sql } from 'kysely';\nsql``;" },
    },
    {
      at: 'apps/cli/src/a.ts',
      files: { 'apps/cli/src/a.ts': "import { Client } from 'pg';\nnew Client();" },
    },
    {
      at: 'apps/server/src/platform/audit/audit.ts',
      files: { 'apps/server/src/platform/audit/audit.ts': "const { sql } = await import('kysely');\nsql``;" },
    },
  ],
  allowed: [
    { 'apps/server/src/modules/a/a.store.ts': "import { sql } from 'kysely';\nsql``;" },
    { 'apps/server/src/platform/database/pool.ts': "import { Pool } from 'pg';\nnew Pool();" },
    {
      'apps/server/src/modules/a/a.service.ts':
        "import type { Kysely } from 'kysely';\nexport type A = Kysely<object>;",
    },
  ],
});

export const http = createImportRule({
  name: 'only routes and the HTTP platform see Fastify',
  because: 'a service that knows no request can be called by a job, a command or a test',
  atLeast: 3,
  judge(source, imported) {
    if (!source.isProduct || !/^(fastify|@fastify\/.*)$/.test(packageOf(imported.specifier)))
      return undefined;
    const isPlatform = /^apps\/server\/src\/platform\/http(\/|\.)/.test(source.path);
    if (imported.isTypeOnly || source.role === 'routes' || isPlatform) return true;
    return `imports ${imported.specifier} outside routes`;
  },
  planted: [
    {
      at: 'apps/server/src/modules/a/a.service.ts',
      files: { 'apps/server/src/modules/a/a.service.ts': "import fastify from 'fastify';\nfastify();" },
    },
    {
      at: 'apps/server/src/app.ts',
      files: { 'apps/server/src/app.ts': "import cookie from '@fastify/cookie';\ncookie();" },
    },
  ],
  allowed: [
    { 'apps/server/src/modules/a/a.routes.ts': "import { fastify } from 'fastify';\nfastify();" },
    { 'apps/server/src/platform/http/server.ts': "import { fastify } from 'fastify';\nfastify();" },
  ],
});
