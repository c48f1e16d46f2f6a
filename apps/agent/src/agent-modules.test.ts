/** That the list of modules is all there is to plug in: what it names is made, served and run, and nothing else is. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { agentModules } from './agent-modules.ts';
import type { AgentModule } from './modules/agent-module.ts';
import { createHeartbeatContent } from './modules/heartbeat/index.ts';
import { openStateDatabase } from './platform/state-database.ts';
import { collectStateVersion, stateVersion } from './state-version.ts';
import { eventually } from './testing/eventually.ts';
import { finalReports, orderCommand, productOf } from './testing/fake-orders.ts';
import { createRunningAgent, openEnrolledAgent } from './testing/running-agent.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';
import { defineTestCommand } from './testing/test-command.ts';

const modulesFolder = fileURLToPath(new URL('./modules/', import.meta.url));
const sourcesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name));

/** Keeps a revision in a table of its own; what it did is in `done`. */
function createPoliciesModule(done: string[]): AgentModule {
  return {
    name: 'policies',
    migrations: [
      {
        name: 'policies',
        oldestReader: '0.1.0',
        statements: 'CREATE TABLE policy (revision INTEGER NOT NULL) STRICT; INSERT INTO policy VALUES (7)',
      },
    ],
    create: ({ database, home }) => {
      const readRevision = () =>
        Number(database.connection.prepare('SELECT revision FROM policy').get()?.['revision']);
      return {
        commands: [
          {
            definition: defineTestCommand('x-apply'),
            onRestart: 'repeat',
            run: async () => {
              database.transaction(() =>
                database.connection.exec('UPDATE policy SET revision = revision + 1'),
              );
              return { detail: 'Applied.' };
            },
          },
        ],
        errands: [
          {
            name: 'fetch-policies',
            occasions: ['handshake'],
            run: async () => {
              done.push('errand');
              return { again: false };
            },
          },
        ],
        heartbeat: () => ({ policyRevision: readRevision() }),
        start: () => done.push(`start in ${home}`),
        stop: () => void done.push('stop'),
      };
    },
  };
}

test('a module with command, errand, part of the heartbeat and table needs an entry in the list and nothing else', async (t) => {
  const done: string[] = [];
  const { server, agent, home } = await createRunningAgent(t, { moreModules: [createPoliciesModule(done)] });
  agent.start();
  await eventually('its revision', () => productOf(server).policyRevision === 7);
  await eventually('its errand', () => done.includes('errand'));
  const id = orderCommand(server, 'x-apply');
  await eventually('its command', () => finalReports(server, id)[0]?.state === 'succeeded');
  await eventually('the next revision', () => productOf(server).policyRevision === 8);
  await agent.stop();
  assert.deepEqual([done[0], done.at(-1)], [`start in ${home}`, 'stop']);
});

test('a module whose tables are not there is refused before anything runs', async (t) => {
  const { database, home } = await createRunningAgent(t);
  const moreModules = [createPoliciesModule([])];
  await assert.rejects(
    openEnrolledAgent(t, home, { moreModules, database }),
    /tables of the module policies/u,
  );
});

test('two modules cannot share the name of a migration', () => {
  const policies = createPoliciesModule([]);
  assert.throws(() => collectStateVersion([policies, { ...policies, name: 'other' }]), TypeError);
});

test('two modules cannot both say what the revision is', () => {
  const parts = [{ policyRevision: 1 }, { policyRevision: 2 }];
  assert.throws(() => createHeartbeatContent(parts, { isGoingAway: false }), TypeError);
});

test('what no module speaks of a heartbeat calls none', () => {
  const { policyRevision, componentSetDigest } = createHeartbeatContent([{}], { isGoingAway: false });
  assert.deepEqual([policyRevision, componentSetDigest], [0, new Uint8Array(8)]);
  const digest = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const said = createHeartbeatContent([{}, { componentSetDigest: digest }], { isGoingAway: false });
  assert.deepEqual(said.componentSetDigest, digest);
});

test('every module that there is stands in the list, under the name of its folder', async () => {
  const found: string[] = [];
  for (const folder of readdirSync(modulesFolder, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    const files = readdirSync(join(modulesFolder, folder.name)).filter((name) => name.endsWith('.module.ts'));
    for (const file of files) {
      found.push(folder.name);
      const exported: object = await import(join(modulesFolder, folder.name, file));
      const module = agentModules.find(({ name }) => name === folder.name);
      assert.ok(
        module !== undefined && Object.values(exported).includes(module),
        `${folder.name} is not in the list`,
      );
    }
  }
  assert.deepEqual(agentModules.map(({ name }) => name).toSorted(), found.toSorted());
});

test('the tables of a migration are written by their module and by no other', (t) => {
  const listed = agentModules.flatMap(({ migrations = [] }) => migrations);
  assert.deepEqual(stateVersion.migrations, listed, 'each command that opens the state makes the same');
  const before = new Set(listTables(t, []));
  const folders = new Set(agentModules.map(({ name }) => join(modulesFolder, name)));
  for (const module of agentModules.filter(({ migrations = [] }) => migrations.length > 0)) {
    const tables = listTables(t, [module]).filter((table) => !before.has(table));
    assert.ok(tables.length > 0, module.name);
    for (const table of tables) {
      const writes = new RegExp(String.raw`(?:INTO|UPDATE|DELETE FROM) ${table}\b`, 'u');
      const writers = [...folders].filter((folder) =>
        sourcesOf(folder).some((path) => writes.test(readFileSync(path, 'utf8'))),
      );
      assert.deepEqual(writers, [join(modulesFolder, module.name)], table);
    }
  }
});

function listTables(t: TestContext, modules: readonly AgentModule[]): string[] {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const database = openStateDatabase(path, collectStateVersion(modules));
  const rows = database.connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  database.close();
  return rows.map((row) => String(row['name']));
}
