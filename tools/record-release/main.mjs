// Usage: main.mjs <checkout of the release, set up> <root of this repository>
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

import { playStory } from './story.mjs';

const [checkout, root] = process.argv.slice(2);
if (checkout === undefined || root === undefined) throw new Error('usage: main.mjs <checkout> <root>');

const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
const target = join(root, 'packages', 'testkit', 'previous-release', version);
const agentProgram = join(checkout, 'apps', 'agent', 'dist', 'agent.mjs');
if (!existsSync(agentProgram))
  throw new Error(`${agentProgram} is missing: run "npm run build" in ${checkout}.`);

const parts = await loadParts();
const home = await parts.createHome();
try {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'agent-state'), { recursive: true });
  const { recorded, facts, agentHomes } = await playStory({
    home: home.path,
    parts,
    backupFile: join(target, 'server.hfbackup'),
  });
  keep('agent.mjs.gz', readFileSync(agentProgram));
  keep('server.mjs.gz', bundleServer());
  keep('wire.json.gz', Buffer.from(JSON.stringify(recorded)));
  for (const name of ['desk-01', 'new-01']) keepAgentState(name, agentHomes[name]);
  const all = { version, lastMigration: findLastMigration(), ...facts };
  writeFileSync(join(target, 'facts.json'), `${JSON.stringify(all, null, 2)}\n`);
} finally {
  await parts.stopAllProcesses();
  await home.remove();
}
process.stdout.write(`${target}\n`);

/** The release's own tools: they speak its language. */
async function loadParts() {
  const load = async (path) => await import(pathToFileURL(join(checkout, path)).href);
  const [api, administrator, agents, holdfast, processes, ports, waits] = await Promise.all([
    load('packages/api/src/index.ts'),
    ...['administrator', 'agent-process', 'holdfast-process', 'running-process', 'free-port', 'until'].map(
      (name) => load(`e2e/support/${name}.ts`),
    ),
  ]);
  return {
    api,
    ...administrator,
    ...agents,
    ...holdfast,
    ...processes,
    ...ports,
    ...waits,
    readAgentCommands,
  };
}

/** State by id. The agent may be at work on it. */
function readAgentCommands(stateFile) {
  const database = new DatabaseSync(stateFile, { readOnly: true, timeout: 5_000 });
  try {
    const rows = database.prepare('SELECT id, state FROM command').all();
    return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
  } finally {
    database.close();
  }
}

function findLastMigration() {
  const names = readdirSync(join(checkout, 'apps', 'server', 'migrations'));
  return Math.max(...names.map((name) => Number.parseInt(name, 10)));
}

function keep(name, bytes) {
  writeFileSync(join(target, name), gzipSync(bytes, { level: 9 }));
}

/** One file, without what a kill leaves beside it. */
function keepAgentState(name, agentHome) {
  const copy = join(home.path, `copy-${name}`);
  cpSync(agentHome, copy, { recursive: true });
  const stateFile = join(copy, 'state.sqlite');
  const database = new DatabaseSync(stateFile);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;');
  database.close();
  keep(`agent-state/${name}.sqlite.gz`, readFileSync(stateFile));
  cpSync(join(copy, 'agent.key'), join(target, 'agent-state', `${name}.key`));
}

/** Bundled with the tools of the checkout, for its packages are there. */
function bundleServer() {
  const file = join(home.path, 'server.mjs');
  const bundler = join(root, 'tools', 'build', 'bundle.mjs');
  const entry = join(checkout, 'apps', 'server', 'src', 'main.ts');
  const { status, stderr } = spawnSync(process.execPath, [bundler, entry, file, '--minify'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the server could not be bundled: ${stderr}`);
  return readFileSync(file);
}
